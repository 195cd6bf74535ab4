"""The database constraints on the ledger, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

ENTRY = {"posting": "adjust:1"}
# A trigger refuses every UPDATE, so rows that violate a constraint are inserted.
COPIED = {"ledger_entry": ENTRY}
WITH = {"ledger_adjustment_decided_by_fkey": "state = 'REJECTED', decided_at = now()"}
DECIDED = "state = 'APPROVED', decided_at = now()"
OF_TAX = "WHERE reference IS NOT NULL"


def entered(**values: object) -> str:
    return copy("ledger_entry", **ENTRY | values)


def account(**values: object) -> str:
    """Return SQL that copies the account of the bank, which is not guarded."""
    return copy("ledger_account", **{"kind": "LOSSES", "guarded": False, "balance": 0} | values)


SAME_ACCOUNT = """
    INSERT INTO ledger_entry (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
    SELECT gen_random_uuid(), now(), 'adjust\\:1', 0, debit_id, debit_id, currency, 1
    FROM ledger_entry
"""
ANOTHER = """
    INSERT INTO ledger_account (id, created_at, kind, currency, guarded, balance)
    VALUES (gen_random_uuid(), now(), 'COMMISSION', 'EUR', false, 0)
"""

# The primary key would refuse the id of another row first.
SAME_ID = """
    ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_pkey CASCADE;
    INSERT INTO ledger_account (id, created_at, kind, currency, guarded, balance)
    SELECT id, created_at, 'LOSSES', currency, false, 0 FROM ledger_account WHERE kind = 'BANK'
"""


def receipt(
    *, debit: str = "debit", state: str = "state", by: str = "NULL", at: str = "NULL"
) -> str:
    """Return SQL that records the receipt of a tax once more."""
    return f"""
        INSERT INTO ledger_adjustment (id, created_at, debit, credit, currency, amount, reason,
            reference, state, proposed_by, decided_by, decided_at)
        SELECT gen_random_uuid(), now(), {debit}, credit, currency, 1, reason,
            reference, {state}, proposed_by, {by}, {at}
        FROM ledger_adjustment {OF_TAX}
    """


RULES = [
    ("ledger_account_currency_check", account(currency="eur")),
    ("ledger_account_balance_check", change("ledger_account", "balance = -1")),
    (
        "ledger_account_balance_check",
        change("ledger_account", "balance = 1 WHERE NOT guarded"),
    ),
    (
        "ledger_account_balance_check",
        change("ledger_account", f"balance = {10**18 + 1} WHERE guarded"),
    ),
    (
        "ledger_account_guarded_check",
        change("ledger_account", "guarded = false, balance = 0 WHERE kind = 'WALLET'"),
    ),
    (
        "ledger_account_guarded_check",
        change("ledger_account", "owner_id = NULL WHERE kind = 'WALLET'"),
    ),
    (
        "ledger_account_kind_owner_id_currency_key",
        account(kind="BANK", owner_id=None),
    ),
    ("ledger_account_id_currency_key", SAME_ID),
    ("ledger_snapshot_balance_check", change("ledger_snapshot", f"balance = {10**18 + 1}")),
    ("ledger_snapshot_balance_check", change("ledger_snapshot", f"balance = -{10**18 + 1}")),
    ("ledger_entry_posting_leg_key", copy("ledger_entry")),
    ("ledger_entry_posting_check", entered(posting="adjust")),
    ("ledger_entry_posting_check", entered(posting="ADJUST:1")),
    ("ledger_entry_leg_check", entered(leg=-1)),
    ("ledger_entry_leg_check", entered(leg=10_000)),
    ("ledger_entry_amount_check", entered(amount=0)),
    ("ledger_entry_amount_check", entered(amount=10**15 + 1)),
    ("ledger_entry_credit_id_check", SAME_ACCOUNT),
    # An entry between accounts of two currencies, in either of them.
    ("ledger_entry_debit_id_fkey", entered(currency="INR")),
    ("ledger_sweep_entries_check", change("ledger_sweep", "entries = -1")),
    ("ledger_sweep_entries_check", change("ledger_sweep", "milliseconds = -1")),
    ("ledger_sweep_finding_count_check", change("ledger_sweep", "finding_count = 1")),
    ("ledger_sweep_finding_count_check", change("ledger_sweep", "finding_count = 101")),
    *one_line("ledger_adjustment", "reason"),
    (
        "ledger_adjustment_reason_length_check",
        change("ledger_adjustment", "reason = repeat('a', 201)"),
    ),
    ("ledger_adjustment_currency_check", change("ledger_adjustment", "currency = 'EU'")),
    ("ledger_adjustment_amount_check", change("ledger_adjustment", "amount = 0")),
    ("ledger_adjustment_credit_check", change("ledger_adjustment", "credit = debit")),
    ("ledger_adjustment_adjustmentstate_check", change("ledger_adjustment", "state = 'DONE'")),
    (
        "ledger_adjustment_decided_by_check",
        change("ledger_adjustment", f"{DECIDED}, decided_by = NULL"),
    ),
    (
        "ledger_adjustment_decided_at_check",
        change("ledger_adjustment", "state = 'REJECTED', decided_by = proposed_by"),
    ),
    ("ledger_adjustment_valid_days_check", change("ledger_adjustment", "valid_days = 30")),
    (
        "ledger_adjustment_valid_days_check",
        change("ledger_adjustment", "credit = 'WALLET_PROMO', valid_days = 731"),
    ),
    ("ledger_adjustment_owner_id_check", change("ledger_adjustment", "owner_id = NULL")),
    (
        "ledger_adjustment_owner_id_check",
        change("ledger_adjustment", f"owner_id = gen_random_uuid() {OF_TAX}"),
    ),
    (
        "ledger_adjustment_owner_id_check",
        change("ledger_adjustment", f"debit = 'COMMISSION' {OF_TAX}"),
    ),
    ("ledger_adjustment_reference_check", change("ledger_adjustment", "reference = 'CIN 1'")),
    (
        "ledger_adjustment_reference_check",
        change("ledger_adjustment", f"reference = NULL {OF_TAX}"),
    ),
    (
        "ledger_adjustment_reference_check",
        change("ledger_adjustment", f"reference = repeat('a', 101) {OF_TAX}"),
    ),
    *((name, f"{sql} {OF_TAX}") for name, sql in one_line("ledger_adjustment", "reference")),
    ("ledger_adjustment_reference_key", receipt()),
    ("promo_money_currency_check", change("promo_money", "currency = 'eur'")),
    ("promo_money_amount_check", change("promo_money", "amount = 0, remaining = 0")),
    ("promo_money_remaining_check", change("promo_money", "remaining = 101")),
    ("promo_money_remaining_check", change("promo_money", "remaining = -1")),
    ("promo_money_remaining_check", change("promo_money", "ended_at = now()")),
    ("promo_money_adjustment_id_key", copy("promo_money")),
    ("promo_money_use_amount_check", change("promo_money_use", "amount = 0")),
    ("promo_money_use_amount_check", change("promo_money_use", "returned = 41")),
    ("promo_money_use_amount_check", change("promo_money_use", "returned = -1")),
    (
        "ledger_adjustment_two_persons_check",
        change("ledger_adjustment", f"{DECIDED}, decided_by = proposed_by"),
    ),
]
PASSING = [
    ANOTHER,
    receipt(debit="'GST_OUT'"),
    receipt(state="'REJECTED'", by="proposed_by", at="now()"),
    change(
        "ledger_adjustment", DECIDED.replace("APPROVED", "REJECTED") + ", decided_by = proposed_by"
    ),
]
