"""Pets, kept by their owners and shared with the vendors that treat them."""
