"""Payout accounts of vendors, their onboarding and terms."""
