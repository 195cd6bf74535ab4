"""Payments of orders, by whichever provider."""
