"""Invoices, credit notes and receipts, and the series that number them."""
