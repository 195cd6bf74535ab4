"""Sweeps: all balances are compared with the entries, and with the rows that explain them."""
