"""Holding times, confirming them, and giving them back."""
