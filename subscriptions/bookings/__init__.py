"""Subscriptions to bookings."""
