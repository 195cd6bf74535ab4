"""Many log-ins, refreshes and notices at once, and what they do to other callers."""
