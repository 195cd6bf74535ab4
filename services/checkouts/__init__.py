"""Checkouts: what a cart costs with its deliveries, codes and taxes. They hold nothing."""
