"""Texts that mutations of redemptions take."""

ONE_LINE = {
    "redeemVoucher.deviceId",
    "reissueVoucher.reason",
    "reverseRedemption.reason",
}
CODES = {
    "reissueVoucher.idempotencyKey",
    "syncRedemptions.scannerKey",
    "syncRedemptions.scans.scanId",
    "syncRedemptions.scans.bundle",
    "syncRedemptions.scans.token",
    "redeemVoucher.scanId",
    "reverseRedemption.idempotencyKey",
    "redeemVoucher.bill.reference",
    "redeemVoucher.code",
    "redeemVoucher.idempotencyKey",
    "redeemVoucher.scannerKey",
    "redeemVoucher.token",
}
