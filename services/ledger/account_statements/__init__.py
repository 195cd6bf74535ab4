"""Statements of vendors and wallets: read, and written as CSV and PDF."""
