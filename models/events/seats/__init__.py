"""Seats: charts of venues, and the seats of one date."""
