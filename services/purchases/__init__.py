"""Purchases from the platform: paid, settled, ended and refunded."""
