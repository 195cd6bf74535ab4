"""Payouts of vendors: what is released to them, where it goes, and whether it arrived."""
