"""Payments of orders and purchases, their refunds and disputes."""
