"""Texts of gifts and revocations that need no type of models/text.py."""

CODE = "a code that the server makes or knows"
UNTYPED = {
    "OfflineRedemptionDraft.token": CODE,
    "VoucherGift.code": CODE,
    "VoucherRevocation.changed_xid": "a number of PostgreSQL",
}
