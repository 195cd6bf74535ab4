"""Loaders of services, bookings, calendars, slots and waits."""
