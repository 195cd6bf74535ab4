"""Subscriptions to offers, and to imports of them."""
