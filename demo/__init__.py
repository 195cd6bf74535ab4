"""The demo town: believable, made by code, and the same each time."""
