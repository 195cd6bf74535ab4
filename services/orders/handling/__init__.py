"""Paid orders: prepared, shipped, delivered, cancelled and returned."""
