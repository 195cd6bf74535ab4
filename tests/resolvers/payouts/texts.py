"""Texts that mutations of payouts take."""

ONE_LINE = {
    "markPayoutReturned.reason",
    "resolveDiscrepancy.note",
    "setPayoutAccount.holder",
    "writeOffVendorDebt.reason",
}
CODES = {
    "approvePayoutFile.idempotencyKey",
    "createPayoutFile.idempotencyKey",
    "markPayoutPaid.idempotencyKey",
    "markPayoutPaid.reference",
    "markPayoutReturned.idempotencyKey",
    "requestPayout.idempotencyKey",
    "resolveDiscrepancy.idempotencyKey",
    "setPayoutAccount.accountNumber",
    "setPayoutAccount.bankCode",
    "setPayoutAccount.iban",
    "setPayoutAccount.idempotencyKey",
    "writeOffVendorDebt.idempotencyKey",
}
