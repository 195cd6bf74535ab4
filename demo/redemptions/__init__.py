"""Vouchers of offers, and attempts to redeem them."""
