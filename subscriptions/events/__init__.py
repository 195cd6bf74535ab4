"""Subscriptions to dates, sale queues and check-in."""
