"""Packs: sold by the platform, used by vendors, and renewed by their subscriptions."""
