"""Texts that mutations of redemptions take."""

ONE_LINE = {
    "redeemVoucher.deviceId",
}
CODES = {
    "redeemVoucher.code",
    "redeemVoucher.idempotencyKey",
    "redeemVoucher.scannerKey",
    "redeemVoucher.token",
}
