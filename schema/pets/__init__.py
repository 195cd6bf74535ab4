"""Pets of users."""
