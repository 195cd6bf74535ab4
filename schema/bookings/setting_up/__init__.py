"""Preparations of a vendor for bookings: services, resources, schedules and terms."""
