"""Balances of accounts: those of the platform are a snapshot and the entries after it.

A snapshot is cut at a transaction id below which all transactions have ended. A cut at the id or
the time of an entry would lose those that are committed later than entries with a higher one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Integer, String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.ledger.accounts import Account, AccountKind
from services.viewer import Viewer

BATCH_SIZE = 100
# Transaction ids start again in a database that was restored from a dump, where a snapshot of the
# old one would hide new entries. One that is ahead of the running transactions does not count.
VALID = "snapshot.upto <= pg_snapshot_xmin(pg_current_snapshot())"
TAIL = """
    LEFT JOIN ledger_snapshot AS snapshot ON account_id = account.id AND {valid}
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS amount FROM ledger_entry
        WHERE credit_id = account.id AND xid >= coalesce(snapshot.upto, '0') {until}
    ) AS credited
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS amount FROM ledger_entry
        WHERE debit_id = account.id AND xid >= coalesce(snapshot.upto, '0') {until}
    ) AS debited
"""
SUM = "coalesce(snapshot.balance, 0) + credited.amount - debited.amount"
BALANCE = Statement(
    text(
        f"""
        SELECT CAST(CASE WHEN guarded THEN account.balance ELSE {SUM} END AS bigint) AS balance
        FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
        WHERE kind = :kind AND currency = :currency
            AND (owner_id = :owner_id OR (owner_id IS NULL AND CAST(:owner_id AS uuid) IS NULL))
        """  # noqa: S608 - constants of this module
    ).bindparams(
        bindparam("kind", type_=String()),
        bindparam("currency", type_=String()),
        bindparam("owner_id", type_=Uuid()),
    )
)
TRIAL = Statement(
    text(
        f"""
        SELECT kind, count(*) AS accounts, CAST(sum({SUM}) AS bigint) AS balance
        FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
        WHERE currency = :currency GROUP BY kind ORDER BY kind
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("currency", type_=String()))
)
# Snapshots have no time, so the entries are added up from the first one.
TRIAL_AT = Statement(
    text(
        """
        SELECT kind, count(*) AS accounts,
            CAST(sum(coalesce(credited, 0) - coalesce(debited, 0)) AS bigint) AS balance
        FROM ledger_account AS account
        LEFT JOIN (
            SELECT credit_id, sum(amount) AS credited FROM ledger_entry
            WHERE currency = :currency AND created_at < :at GROUP BY credit_id
        ) AS credit ON credit_id = account.id
        LEFT JOIN (
            SELECT debit_id, sum(amount) AS debited FROM ledger_entry
            WHERE currency = :currency AND created_at < :at GROUP BY debit_id
        ) AS debit ON debit_id = account.id
        WHERE currency = :currency AND created_at < :at GROUP BY kind ORDER BY kind
        """
    ).bindparams(
        bindparam("currency", type_=String()), bindparam("at", type_=DateTime(timezone=True))
    )
)
BALANCES = Statement(
    text(
        f"""
        SELECT account.id,
            CAST(CASE WHEN guarded THEN account.balance ELSE {SUM} END AS bigint) AS balance
        FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
        WHERE account.id = ANY(:ids)
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
)
# Several jobs compute the same sums for the same cut, so the newest cut wins.
SNAPSHOT = Statement(
    text(
        f"""
        WITH horizon AS MATERIALIZED (
            SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto
        ), account AS (
            SELECT id FROM ledger_account WHERE NOT guarded AND id > :last
            ORDER BY id LIMIT :batch
        ), computed AS (
            INSERT INTO ledger_snapshot (account_id, upto, balance)
            SELECT account.id, horizon.upto, {SUM}
            FROM horizon CROSS JOIN account
            {TAIL.format(valid=VALID, until="AND xid < horizon.upto")}
            WHERE credited.amount > 0 OR debited.amount > 0
            ON CONFLICT (account_id) DO UPDATE
                SET upto = excluded.upto, balance = excluded.balance
                WHERE ledger_snapshot.upto < excluded.upto
        )
        SELECT id FROM account ORDER BY id DESC LIMIT 1
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("last", type_=Uuid()), bindparam("batch", type_=Integer()))
)
DROP_FOREIGN = text(
    "DELETE FROM ledger_snapshot WHERE upto > pg_snapshot_xmin(pg_current_snapshot())"
)


class KindBalance(NamedTuple):
    """The number of accounts of a kind, and the sum of their balances in minor units."""

    kind: AccountKind
    accounts: int
    balance: int


async def read_balance(unit: UnitOfWork, account: Account) -> int:
    """Return the balance of an account. It is 0 if the account does not exist."""
    row = await BALANCE.fetch_one(await connection_of(unit), **account._asdict())
    return row["balance"] if row else 0


async def read_trial_balance(
    session: AsyncSession, viewer: Viewer, currency: str, at: datetime | None = None
) -> Sequence[KindBalance]:
    """Return the balances of each kind of account in a currency. They sum to zero. For admins.

    All are computed from the entries, those of wallets too: up to now, or before a time.
    """
    viewer.require_admin()
    connection = await connection_of(session)
    if at is None:
        rows = await TRIAL.fetch(connection, currency=currency)
    else:
        rows = await TRIAL_AT.fetch(connection, currency=currency, at=at)
    return [KindBalance(AccountKind(row["kind"]), row["accounts"], row["balance"]) for row in rows]


async def drop_foreign_snapshots(session: AsyncSession) -> None:
    """Delete snapshots that are not of this database, such as after a restore from a dump."""
    await session.execute(DROP_FOREIGN)


async def snapshot_balances(session: AsyncSession, last: UUID) -> UUID | None:
    """Take snapshots of a batch of accounts after the one with this id, where entries were added.

    Returns the id of the last account, None if there are no more.
    """
    row = await SNAPSHOT.fetch_one(await connection_of(session), last=last, batch=BATCH_SIZE)
    return row["id"] if row else None
