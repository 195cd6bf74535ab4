"""The rules of a sweep as one statement: all of them see the same moment."""

from models.ledger.accounts import WALLET_KINDS
from models.ledger.sweeps import MAX_FINDINGS
from services.ledger.balances import VALID
from services.ledger.sweep.explanations import EXPLAINED, EXPLANATIONS, UNCLAIMED_PAYMENTS

MINUTES_UNCLAIMED = 15


def _names(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


# Both sides of the entries are added up in one pass each, whatever the number of accounts.
_SIDE = """
    SELECT {side} AS account_id, {sign} sum(amount) AS amount,
        {sign} coalesce(sum(amount) FILTER (WHERE xid < snapshot.upto), 0) AS before
    FROM ledger_entry
    LEFT JOIN ledger_snapshot AS snapshot ON snapshot.account_id = {side} AND {valid}
    GROUP BY {side}
"""
_SIDES = " UNION ALL ".join(
    _SIDE.format(side=side, sign=sign, valid=VALID)
    for side, sign in (("debit_id", "-"), ("credit_id", "+"))
)
RULES = f"""
    WITH moved AS MATERIALIZED ({_SIDES}),
    balance AS MATERIALIZED (
        SELECT account.id, kind, owner_id, currency, guarded, account.balance,
            coalesce(sum(amount), 0) AS amount, coalesce(sum(before), 0) AS before
        FROM ledger_account AS account LEFT JOIN moved ON account_id = account.id
        GROUP BY account.id
    ), explained AS (
        SELECT kind, owner_id, currency, amount FROM balance WHERE kind IN ({_names(EXPLAINED)})
        UNION ALL SELECT kind, owner_id, currency, -amount FROM (
            {" UNION ALL ".join(f"SELECT * FROM ({one}) AS rows" for one in EXPLANATIONS)}
        ) AS open
    ), held AS (
        SELECT split_part(posting, '\\:', 2) AS order_id,
            sum(CASE WHEN credit_id = account.id THEN entry.amount ELSE -entry.amount END)
                AS amount,
            bool_or(
                split_part(posting, '\\:', 1) NOT IN ('hold', 'campaign_hold', 'dispute')
            ) AS is_over
        FROM ledger_account AS account
        JOIN ledger_entry AS entry ON account.id IN (debit_id, credit_id)
        WHERE kind = 'WALLET_HELD' GROUP BY 1, split_part(posting, '\\:', 3)
    ), shipped AS (
        SELECT line_id, sum(quantity) AS units FROM shipment_line GROUP BY line_id
    )
    SELECT * FROM (
        SELECT 'GUARDED_BALANCE' AS rule, id\\:\\:text AS subject, balance - amount AS difference
        FROM balance WHERE guarded AND balance <> amount
        UNION ALL
        SELECT 'SNAPSHOT', id\\:\\:text, snapshot.balance - before
        FROM balance JOIN ledger_snapshot AS snapshot ON account_id = balance.id AND {VALID}
        WHERE snapshot.balance <> before
        UNION ALL
        SELECT 'ZERO_SUM', currency, sum(amount) FROM balance GROUP BY currency
        HAVING sum(amount) <> 0
        UNION ALL
        SELECT 'EXPLAINED', concat_ws(' ', kind, currency, owner_id), sum(amount) FROM explained
        GROUP BY kind, owner_id, currency HAVING sum(amount) <> 0
        UNION ALL
        SELECT 'UNCLAIMED', id\\:\\:text, captured FROM ({UNCLAIMED_PAYMENTS}) AS payment
        WHERE ended_at < now() - interval '{MINUTES_UNCLAIMED} minutes'
        UNION ALL
        SELECT 'HELD', order_id, amount FROM held WHERE amount < 0 OR (is_over AND amount <> 0)
        UNION ALL
        SELECT 'OWNER', id\\:\\:text, amount FROM balance
        WHERE kind IN ({_names(WALLET_KINDS)})
            AND NOT EXISTS (SELECT FROM "user" WHERE "user".id = owner_id)
            AND NOT EXISTS (SELECT FROM vendor WHERE vendor.id = owner_id)
        UNION ALL
        SELECT 'ADJUSTMENT', id\\:\\:text, amount FROM ledger_adjustment AS adjustment
        WHERE (state = 'APPROVED') <> EXISTS (
            SELECT FROM ledger_entry
            WHERE posting IN (
                'adjust\\:' || adjustment.id,
                'write_off\\:' || adjustment.id,
                'tax\\:' || adjustment.id
            )
        )
        UNION ALL
        SELECT 'PARCELS', line.id\\:\\:text, line.shipped - coalesce(units, 0)
        FROM order_line AS line LEFT JOIN shipped ON line_id = line.id
        JOIN suborder ON suborder.id = line.suborder_id
        WHERE (line.shipped > 0 OR units > 0) AND line.shipped <> coalesce(units, 0)
            -- Files and what is picked up are handed over without a parcel.
            AND (units > 0 OR (line.weight_g IS NOT NULL AND NOT suborder.is_pickup))
    ) AS finding
    LIMIT {MAX_FINDINGS}
"""  # noqa: S608 - constants of this module
