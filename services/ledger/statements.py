"""Statements that write the ledger. Only `posting` sends those that insert and update."""

from sqlalchemy import BigInteger, Boolean, Integer, String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.parameters import current_time
from core.statements.statement import Statement

# `owner_id IS NOT DISTINCT FROM` would not use the index, so accounts without an owner are a part
# of their own. An entry of a posting that exists makes the statement wait for its transaction, and
# then changes nothing. The guard is in the UPDATE: it waits for a row, and evaluates its condition
# on the committed balance.
POST = Statement(
    text(
        """
        WITH key AS (
            SELECT * FROM unnest(:kinds, :owner_ids, :account_currencies)
                WITH ORDINALITY AS key (kind, owner_id, currency, number)
        ), account AS (
            SELECT number, one.id, guarded, key.owner_id FROM key
            JOIN ledger_account AS one USING (kind, owner_id, currency)
            UNION ALL
            SELECT number, one.id, guarded, key.owner_id FROM key
            JOIN ledger_account AS one
                ON one.kind = key.kind AND one.currency = key.currency AND one.owner_id IS NULL
            WHERE key.owner_id IS NULL
        ), entry AS (
            INSERT INTO ledger_entry
                (id, created_at, posting, leg, debit_id, credit_id, currency, amount, source_id)
            SELECT leg.id, :current_time, :posting, leg.number - 1, debit.id, credit.id,
                leg.currency, leg.amount, leg.source_id
            FROM unnest(:ids, :debits, :credits, :currencies, :amounts, :source_ids)
                WITH ORDINALITY
                AS leg (id, debit, credit, currency, amount, source_id, number)
            JOIN account AS debit ON debit.number = leg.debit
            JOIN account AS credit ON credit.number = leg.credit
            WHERE (SELECT count(*) FROM account) = cardinality(:kinds)
            ON CONFLICT (posting, leg) DO NOTHING
            RETURNING debit_id, credit_id, amount
        ), change AS (
            SELECT id, CAST(sum(moved.amount) AS bigint) AS amount FROM (
                SELECT debit_id AS id, -amount AS amount FROM entry
                UNION ALL SELECT credit_id, amount FROM entry
            ) AS moved JOIN account USING (id) WHERE guarded GROUP BY id
        ), locked AS (
            SELECT id FROM ledger_account WHERE id IN (SELECT id FROM change)
            ORDER BY id FOR NO KEY UPDATE
        ), moved AS (
            UPDATE ledger_account AS one SET balance = one.balance + change.amount
            FROM change JOIN locked USING (id)
            WHERE one.id = change.id AND one.balance + change.amount >= 0
            RETURNING one.id
        )
        SELECT ARRAY(SELECT id FROM account ORDER BY number) AS account_ids,
            (SELECT count(*) FROM entry) AS entries,
            ARRAY(SELECT id FROM change EXCEPT SELECT id FROM moved) AS too_low,
            ARRAY(
                SELECT DISTINCT vendor.id FROM account JOIN vendor ON vendor.id = owner_id
                WHERE guarded
            ) AS vendor_ids
        """
    ).bindparams(
        bindparam("posting", type_=String()),
        current_time(),
        *(bindparam(name, type_=ARRAY(Uuid())) for name in ("owner_ids", "ids", "source_ids")),
        *(
            bindparam(name, type_=ARRAY(String()))
            for name in ("kinds", "account_currencies", "currencies")
        ),
        *(bindparam(name, type_=ARRAY(Integer())) for name in ("debits", "credits")),
        bindparam("amounts", type_=ARRAY(BigInteger())),
    )
)
CREATE = Statement(
    text(
        """
        INSERT INTO ledger_account (id, created_at, kind, owner_id, currency, guarded, balance)
        SELECT id, :current_time, kind, owner_id, currency, guarded, 0
        FROM unnest(:ids, :kinds, :owner_ids, :currencies, :guarded)
            AS given (id, kind, owner_id, currency, guarded)
        ORDER BY kind, owner_id, currency
        ON CONFLICT (kind, owner_id, currency) DO NOTHING
        """
    ).bindparams(
        current_time(),
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("owner_ids", type_=ARRAY(Uuid())),
        bindparam("kinds", type_=ARRAY(String())),
        bindparam("currencies", type_=ARRAY(String())),
        bindparam("guarded", type_=ARRAY(Boolean())),
    )
)
FIND = Statement(
    text(
        """
        SELECT posting, amount, source_id, entry.currency,
            debit.kind AS debit, debit.owner_id AS debit_owner_id,
            credit.kind AS credit, credit.owner_id AS credit_owner_id
        FROM ledger_entry AS entry
        JOIN ledger_account AS debit ON debit.id = debit_id
        JOIN ledger_account AS credit ON credit.id = credit_id
        WHERE posting = ANY(:postings) ORDER BY posting, leg
        """
    ).bindparams(bindparam("postings", type_=ARRAY(String())))
)
HAS = Statement(
    text(
        """
        SELECT CAST(coalesce(sum(balance), 0) AS bigint) AS available, min(currency) AS currency
        FROM ledger_account WHERE kind IN ('WALLET', 'WALLET_PROMO')
            AND (owner_id, currency) IN (
                SELECT owner_id, currency FROM ledger_account WHERE id = :id
            )
        """
    ).bindparams(bindparam("id", type_=Uuid()))
)
LOCK_WALLET = Statement(
    text(
        """
        SELECT kind, balance FROM ledger_account
        WHERE owner_id = :owner_id AND currency = :currency AND kind = ANY(:kinds)
        ORDER BY id FOR NO KEY UPDATE
        """
    ).bindparams(
        bindparam("owner_id", type_=Uuid()),
        bindparam("currency", type_=String()),
        bindparam("kinds", type_=ARRAY(String())),
    )
)
