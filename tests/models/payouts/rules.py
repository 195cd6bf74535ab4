"""The database constraints on payouts, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

ACCOUNT, PAYOUT, FILE, LINE = "payout_account", "payout", "payout_file", "provider_transaction"
TERMS, RELEASE, DEBT = "payout_terms", "suborder_release", "vendor_debt"
WITH = {
    "payout_file_decided_by_fkey": "state = 'CANCELLED', decided_at = now()",
    "provider_transaction_resolved_by_fkey": "state = 'RESOLVED', note = 'One',"
    " resolved_at = now()",
}
DECIDED = "state = 'APPROVED', decided_at = now()"
RESOLVED = "state = 'RESOLVED', note = 'One', resolved_at = now()"

RULES = [
    ("payout_account_payoutaccountstate_check", change(ACCOUNT, "state = 'GONE'")),
    ("payout_payoutstate_check", change(PAYOUT, "state = 'GONE'")),
    (
        "payout_file_payoutfilestate_check",
        change(FILE, "state = 'GONE', decided_at = now(), decided_by = made_by"),
    ),
    ("provider_transaction_matchstate_check", change(LINE, "state = 'GONE'")),
    ("payout_account_currency_check", change(ACCOUNT, "currency = 'inr'")),
    ("payout_account_country_check", change(ACCOUNT, "country = 'in'")),
    ("payout_account_last4_check", change(ACCOUNT, "last4 = '12 4'")),
    ("payout_account_bank_code_check", change(ACCOUNT, "bank_code = 'hdfc'")),
    ("payout_account_reference_length_check", change(ACCOUNT, "reference = repeat('x', 101)")),
    ("payout_account_problem_length_check", change(ACCOUNT, "problem = repeat('x', 301)")),
    *one_line(ACCOUNT, "reference"),
    *one_line(ACCOUNT, "problem"),
    ("payout_account_restrictions_check", change(ACCOUNT, "restrictions = -1")),
    ("payout_account_closed_at_check", change(ACCOUNT, "closed_at = now()")),
    ("payout_account_account_number_check", change(ACCOUNT, "holder = NULL")),
    ("payout_account_account_number_check", change(ACCOUNT, "rail = 'STRIPE'")),
    ("payout_account_open_key", copy(ACCOUNT)),
    ("payout_amount_check", change(PAYOUT, "amount = 0")),
    ("payout_amount_check", change(PAYOUT, f"amount = {10**15 + 1}")),
    ("payout_currency_check", change(PAYOUT, "currency = 'inr'")),
    ("payout_file_id_check", change(PAYOUT, "rail = 'STRIPE'")),
    *one_line(PAYOUT, "reference"),
    *one_line(PAYOUT, "failure"),
    ("payout_reference_length_check", change(PAYOUT, "reference = repeat('x', 101)")),
    ("payout_failure_length_check", change(PAYOUT, "failure = repeat('x', 301)")),
    ("payout_cause_check", change(PAYOUT, "cause = 'PROVIDER'")),
    ("payout_cause_check", change(PAYOUT, "state = 'FAILED', ended_at = now()")),
    ("payout_ended_at_check", change(PAYOUT, "ended_at = now()")),
    ("payout_ended_at_check", change(PAYOUT, "state = 'PAID'")),
    ("payout_open_key", copy(PAYOUT)),
    *one_line(PAYOUT, "return_reason"),
    ("payout_return_reason_length_check", change(PAYOUT, "return_reason = repeat('x', 301)")),
    ("payout_return_noted_by_check", change(PAYOUT, "return_noted_by = NULL")),
    ("payout_return_noted_by_check", change(PAYOUT, "return_reason = NULL")),
    ("payout_two_persons_check", change(PAYOUT, "return_confirmed_by = return_noted_by")),
    (
        "payout_two_persons_check",
        change(
            PAYOUT,
            "return_confirmed_by = return_noted_by, return_noted_by = NULL, return_reason = NULL,"
            " return_noted_at = NULL",
        ),
    ),
    (
        "payout_rail_reference_key",
        f"UPDATE payout SET reference = 'one'; {copy(PAYOUT, state='IN_TRANSIT')}",
    ),
    ("payout_file_currency_check", change(FILE, "currency = 'inr'")),
    ("payout_file_count_check", change(FILE, "count = 0")),
    ("payout_file_count_check", change(FILE, "count = 501")),
    ("payout_file_total_check", change(FILE, "total = 0")),
    ("payout_file_decided_by_check", change(FILE, DECIDED)),
    ("payout_file_decided_at_check", change(FILE, "decided_at = now()")),
    ("payout_file_two_persons_check", change(FILE, f"{DECIDED}, decided_by = made_by")),
    ("payout_terms_number_check", change(TERMS, "number = -1")),
    ("payout_terms_reserve_check", change(TERMS, "reserve_bps = 1")),
    ("payout_terms_reserve_bps_check", change(TERMS, "reserve_bps = 5001, reserve_days = 1")),
    ("payout_terms_reserve_days_check", change(TERMS, "reserve_bps = 1, reserve_days = 181")),
    ("suborder_release_reserved_check", change(RELEASE, "amount = -1")),
    (
        "suborder_release_reserved_check",
        change(RELEASE, "reserved = 1, reserve_until = now()"),
    ),
    ("suborder_release_reserve_until_check", change(RELEASE, "reserve_until = now()")),
    ("vendor_debt_currency_check", change(DEBT, "currency = 'inr'")),
    ("provider_transaction_provider_external_id_key", copy(LINE)),
    (
        "provider_transaction_posting_key",
        f"UPDATE {LINE} SET posting = 'pay'; {copy(LINE, external_id='txn_2')}",
    ),
    ("provider_transaction_currency_check", change(LINE, "currency = 'inr'")),
    ("provider_transaction_net_check", change(LINE, "net = 1")),
    (
        "provider_transaction_cause_check",
        change(LINE, "state = 'MATCHED', cause = 'NOT_POSTED'"),
    ),
    ("provider_transaction_discrepant_check", change(LINE, "state = 'DISCREPANT'")),
    ("provider_transaction_resolved_by_check", change(LINE, RESOLVED)),
    ("provider_transaction_resolved_note_check", change(LINE, "note = 'One'")),
    ("provider_transaction_resolved_at_check", change(LINE, "resolved_at = now()")),
    *one_line(LINE, "note"),
    ("provider_transaction_note_length_check", change(LINE, "note = repeat('x', 301)")),
]
