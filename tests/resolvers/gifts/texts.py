"""Texts that mutations of gifts take."""

CODES = {
    "acceptGift.gift.code",
    "acceptGift.idempotencyKey",
    "declineGift.gift.code",
    "giftVoucher.idempotencyKey",
}
