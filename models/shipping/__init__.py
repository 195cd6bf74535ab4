"""Delivery: the zones and rates of vendors."""
