"""Invoices: issued by jobs, rendered as PDF, sent by mail, and listed."""
