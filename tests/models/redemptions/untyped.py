"""Texts of bills and of failed rules that need no type of models/text.py."""

UNTYPED = {
    "Bill.currency": "copied from the vendor",
    "OfflineRedemptionDraft.bundle": "verified by its signature",
    "BillUse.stack_group": "made by the server of a group or an id",
    "PresentedAmount.currency": "compared with that of the vendor",
    "Redemption.rule_facts": "made by the server of amounts and times",
}
