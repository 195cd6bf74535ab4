"""Subscriptions to dates, sale queues, check-in and own tickets."""
