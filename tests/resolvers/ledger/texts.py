"""Texts that mutations of the ledger take."""

ONE_LINE = {"adjustLedger.reason", "grantPromoMoney.reason"}
CODES = {"adjustLedger.idempotencyKey", "grantPromoMoney.idempotencyKey"}
