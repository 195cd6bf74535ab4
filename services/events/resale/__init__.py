"""Resale of tickets to users on the waitlist."""
