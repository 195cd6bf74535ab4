"""Refunds of orders: their amounts, ways and postings."""
