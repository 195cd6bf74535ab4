"""Gifts: vouchers that holders give to other users."""
