"""Clients of external providers, one module each."""
