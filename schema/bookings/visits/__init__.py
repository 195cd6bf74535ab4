"""The day of a visit: arrivals, the desk, and waiting rooms."""
