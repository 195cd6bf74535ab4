"""Texts that mutations of payouts take."""

ONE_LINE = {
    "markPayoutReturned.reason",
    "resolveDiscrepancy.note",
    "setPayoutAccount.holder",
    "writeOffVendorDebt.reason",
}
CODES = {
    "approvePayoutFile.idempotencyKey",
    "confirmPayoutReturn.idempotencyKey",
    "createPayoutFile.idempotencyKey",
    "markPayoutPaid.idempotencyKey",
    "markPayoutPaid.reference",
    "markPayoutReturned.idempotencyKey",
    "payDebt.idempotencyKey",
    "payDebt.returnUrl",
    "requestPayout.idempotencyKey",
    "resolveDiscrepancy.idempotencyKey",
    "setPayoutAccount.accountNumber",
    "setPayoutAccount.bankCode",
    "setPayoutAccount.iban",
    "setPayoutAccount.idempotencyKey",
    "startPayoutOnboarding.returnUrl",
    "writeOffVendorDebt.idempotencyKey",
}
