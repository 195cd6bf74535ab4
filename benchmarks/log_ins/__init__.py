"""Many log-ins at once, and what they do to other callers."""
