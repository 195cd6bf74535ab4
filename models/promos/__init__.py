"""Promo codes, and their uses by orders."""
