"""The demo accounts, and the customers."""
