"""Texts that mutations of purchases take."""

ONE_LINE = {"recordPurchasePayment.reference", "refundPurchase.note"}
CODES = {
    "topUpWallet.idempotencyKey",
    "topUpWallet.returnUrl",
    "payPurchase.idempotencyKey",
    "payPurchase.returnUrl",
    "recordPurchasePayment.idempotencyKey",
    "refundPurchase.idempotencyKey",
}
