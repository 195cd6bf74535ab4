"""Tickets: issued for holds that are sold."""
