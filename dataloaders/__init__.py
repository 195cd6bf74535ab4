"""Loaders, one line each: rows for many parents in one statement."""
