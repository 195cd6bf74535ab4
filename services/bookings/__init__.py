"""Bookings: what vendors offer by appointment or as classes, and when it is booked."""
