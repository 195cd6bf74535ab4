"""Texts that mutations of payments take."""

ONE_LINE = {"recordPayment.reference"}
CODES = {
    "recordPayment.idempotencyKey",
    "retryPayment.idempotencyKey",
    "retryPayment.returnUrl",
}
