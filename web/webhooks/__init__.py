"""Calls of other services, which sign what they report."""
