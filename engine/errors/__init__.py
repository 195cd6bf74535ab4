"""Errors in responses: their codes, their details, and the place of an invalid value."""
