"""Waitlists of dates."""
