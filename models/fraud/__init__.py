"""Fraud of redemptions: rules, settings, cases, and links between accounts."""
