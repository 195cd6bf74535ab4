"""Refusals of what is done with vouchers and redemptions."""

from models.errors import Refusal


class VoucherNotUsable(Refusal):
    message = "This voucher is redeemed, cancelled, expired or being checked."
    meaning = "The voucher is not CLAIMED, is being checked, or has expired, so it stays as it is."
    remedy = "Refetch the voucher's `state`."


class TooManyReissues(Refusal):
    message = "This voucher got new codes too often. Cancel it, and claim another one."
    meaning = "The voucher has the maximum number of generations."
    remedy = "Offer `cancelVoucher`."


class ScanIdUsed(Refusal):
    message = "This scan was sent before. Scan the voucher again."
    meaning = "The scanner used this `scanId` for another attempt."
    remedy = "Give each scan a new `scanId`. Repeat a call with the same idempotency key."
    constraint = "redemption_scan_id_key"


class NotReversible(Refusal):
    message = "This redemption cannot be reversed."
    meaning = "The attempt redeemed nothing, is reversed already, or is older than 30 days."
    remedy = "Show `message`. Refetch `outcome` and `reversedAt` of the redemption."


class VoucherNotCancellable(Refusal):
    message = "This voucher cannot be cancelled."
    meaning = "The voucher is already redeemed, expired or cancelled."
    remedy = "Refetch the voucher's `state`."
