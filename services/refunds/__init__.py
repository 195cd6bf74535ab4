"""Refunds on their way: sent to providers, settled, stuck, and returns of unclaimed money."""
