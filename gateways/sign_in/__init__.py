"""Accounts at providers, with which users sign in."""
