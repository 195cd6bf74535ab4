"""A state machine over carts, checkouts and orders, against a small model."""
