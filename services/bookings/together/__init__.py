"""Bookings that were held together: they are cancelled and moved together, all or none."""
