"""Transfers: tickets that their holders give to others, in place."""
