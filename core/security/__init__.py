"""Signing keys, passwords, tokens and codes."""
