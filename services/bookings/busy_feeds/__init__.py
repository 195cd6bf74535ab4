"""Busy times of calendars elsewhere, which block resources."""
