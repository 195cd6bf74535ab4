"""Payments by card, and rows of money that GraphiQL shows."""
