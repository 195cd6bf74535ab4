"""Tickets as passes of wallets."""
