"""Texts that mutations of invoices take."""

CODES = {"sendInvoice.idempotencyKey"}
