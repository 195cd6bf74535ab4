"""Rates of taxes, registrations of vendors for them, and tax numbers."""
