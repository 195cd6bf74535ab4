"""A state machine over bookings, classes, blocks, closed days and orders, against a small model."""
