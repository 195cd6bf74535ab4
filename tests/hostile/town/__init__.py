"""A town of 200,000 offers, and what one attacker does to the other callers."""
