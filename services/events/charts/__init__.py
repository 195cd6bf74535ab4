"""Charts of seats."""
