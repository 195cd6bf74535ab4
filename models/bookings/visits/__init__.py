"""The day of a visit: arrivals, the desk, and screens in waiting rooms."""
