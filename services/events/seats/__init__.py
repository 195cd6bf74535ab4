"""Seats of dates."""
