"""Slots: the times at which a service can be booked."""
