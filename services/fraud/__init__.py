"""Fraud of redemptions: the risk score, held attempts, cases, and their reviews."""
