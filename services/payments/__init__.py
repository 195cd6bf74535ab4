"""Payments of orders and purchases, by whichever provider."""
