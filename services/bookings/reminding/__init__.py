"""Reminders of bookings, and what customers answer."""
