"""Purchases from the platform, of which some are top-ups."""
