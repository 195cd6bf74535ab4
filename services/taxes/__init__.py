"""Taxes of sales, rates of countries, and registrations of vendors."""
