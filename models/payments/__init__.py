"""Payments of orders and refunds."""
