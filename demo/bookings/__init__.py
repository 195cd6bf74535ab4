"""Vendors of the demo that are booked, with the bookings of their customers."""
