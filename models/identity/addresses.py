"""Email addresses at rest: sealed, and found by their keyed hashes."""

EMAIL = "EMAIL"  # the kind of keyed hashes
EMAIL_KIND = f"'{EMAIL}'"
