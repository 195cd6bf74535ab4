"""Texts that mutations of the ledger take."""

ONE_LINE = {"adjustLedger.reason"}
CODES = {"adjustLedger.idempotencyKey"}
