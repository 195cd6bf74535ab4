"""Texts that mutations of the ledger take."""

ONE_LINE = {
    "adjustLedger.reason",
    "grantPromoMoney.reason",
    "recordTaxPayment.reason",
    "recordTaxPayment.reference",
}
CODES = {
    "adjustLedger.idempotencyKey",
    "grantPromoMoney.idempotencyKey",
    "recordTaxPayment.idempotencyKey",
}
