"""Starts and supervises servers and processes."""
