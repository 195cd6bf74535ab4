"""Texts that mutations of refunds take."""

ONE_LINE = {"grantOrderRefund.reason", "settleRefund.reference", "settleStuckRefund.reference"}
CODES = {
    "acceptRefundToWallet.idempotencyKey",
    "grantOrderRefund.idempotencyKey",
    "settleRefund.idempotencyKey",
    "settleStuckRefund.idempotencyKey",
}
