"""Statements, for the owners and managers of vendors, for users, and for admins."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Integer, String, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.keyset import Listing, newest_first
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.errors import NotFound
from models.identity.accounts import User
from models.ledger.account_statements import (
    MAX_STATEMENT_DAYS,
    AccountStatement,
    DateRange,
    StatementKind,
    StatementLine,
    StatementOf,
    StatementPart,
)
from models.ledger.accounts import AccountKind, LedgerAccount
from models.ledger.entries import LedgerEntry, Posting
from models.members import Permission, may
from models.vendors import Vendor
from services.journal.topics import user_topic, vendor_topic
from services.ledger.accounts import SIDES
from services.ledger.balances import SUM, TAIL, VALID
from services.vendors.access import find_member
from services.viewer import Viewer

UTC = "UTC"
# A balance of a former time is that of now without the entries since: the period is mostly a
# recent one, and the index of each side begins there.
PARTS = Statement(
    text(
        f"""
        SELECT kind, CAST(balance_now - since AS bigint) AS opening,
            CAST(balance_now - after AS bigint) AS closing
        FROM (
            SELECT kind, currency, owner_id, moved.since, moved.after,
                CASE WHEN guarded THEN account.balance ELSE {SUM} END AS balance_now
            FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(amount), 0) AS since,
                    coalesce(sum(amount) FILTER (WHERE created_at >= :until), 0) AS after
                FROM (
                    SELECT amount, created_at FROM ledger_entry
                    WHERE credit_id = account.id AND created_at >= :since
                    UNION ALL
                    SELECT -amount, created_at FROM ledger_entry
                    WHERE debit_id = account.id AND created_at >= :since
                ) AS side
            ) AS moved
            WHERE owner_id = :owner_id AND currency = :currency AND kind = ANY(:kinds)
        ) AS part
        """  # noqa: S608 - constants of other modules
    ).bindparams(
        bindparam("owner_id", type_=Uuid()),
        bindparam("currency", type_=String()),
        bindparam("kinds", type_=ARRAY(String())),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until")),
    )
)
LINES = Statement(
    text(
        """
        WITH own AS MATERIALIZED (
            SELECT array_agg(id) AS ids FROM ledger_account
            WHERE owner_id = :owner_id AND currency = :currency AND kind = ANY(:kinds)
        ), found AS (
            SELECT id FROM ledger_entry WHERE debit_id = ANY((SELECT ids FROM own)\\:\\:uuid[])
                AND created_at >= :since AND created_at < :until
            UNION
            SELECT id FROM ledger_entry WHERE credit_id = ANY((SELECT ids FROM own)\\:\\:uuid[])
                AND created_at >= :since AND created_at < :until
        )
        SELECT entry.created_at, posting, amount, debit.kind AS debit, credit.kind AS credit,
            CASE WHEN credit_id = ANY(own.ids) THEN amount ELSE 0 END
                - CASE WHEN debit_id = ANY(own.ids) THEN amount ELSE 0 END AS change,
            "order".number
        FROM found JOIN ledger_entry AS entry USING (id) CROSS JOIN own
        JOIN ledger_account AS debit ON debit.id = debit_id
        JOIN ledger_account AS credit ON credit.id = credit_id
        LEFT JOIN suborder ON suborder.id = source_id
        LEFT JOIN "order" ON "order".id = coalesce(
            suborder.order_id,
            CASE WHEN split_part(posting, '\\:', 1) IN ('hold', 'unhold', 'confirm')
                THEN split_part(posting, '\\:', 2)\\:\\:uuid END
        )
        ORDER BY entry.created_at, entry.id LIMIT :most
        """
    ).bindparams(
        bindparam("owner_id", type_=Uuid()),
        bindparam("currency", type_=String()),
        bindparam("kinds", type_=ARRAY(String())),
        bindparam("most", type_=Integer()),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until")),
    )
)


async def access_vendor_statement(
    session: AsyncSession,
    viewer: Viewer,
    vendor_id: UUID,
    period: DateRange,
    kind: StatementKind = StatementKind.EARNINGS,
) -> StatementOf:
    """Return a statement of a vendor in its currency and time zone.

    Owners, managers and admins see it. Raises `InvalidInput` for a period that is too long.
    """
    viewer.require_user()
    period.ensure_at_most(MAX_STATEMENT_DAYS)
    vendor = await session.get(Vendor, vendor_id)
    if vendor is None or not (viewer.admin or await _may_see(session, viewer, vendor_id)):
        raise NotFound(field=["vendorId"])
    return StatementOf(kind, vendor.id, True, vendor.currency, vendor.time_zone, period)


async def _may_see(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> bool:
    member = await find_member(session, viewer, vendor_id)
    return member is not None and may(member.role, Permission.SEE_WALLET)


async def access_wallet_statement(
    session: AsyncSession, viewer: Viewer, currency: str, period: DateRange
) -> StatementOf:
    """Return a statement of the viewer's wallet, in the time zone of the profile, else in UTC."""
    user_id = viewer.require_user()
    period.ensure_at_most(MAX_STATEMENT_DAYS)
    user = await session.get(User, user_id)
    if user is None:
        raise NotFound
    zone = user.time_zone or UTC
    return StatementOf(StatementKind.WALLET, user_id, False, currency, zone, period)


async def read_statement(session: AsyncSession, of: StatementOf) -> AccountStatement:
    """Return the balances of a statement. Accounts without entries have none."""
    rows = await PARTS.fetch(await connection_of(session), **_values(of))
    found = {row["kind"]: row for row in rows}
    parts = [
        StatementPart(kind, found[kind]["opening"], found[kind]["closing"])
        for kind in of.kind.accounts
        if kind in found
    ]
    return AccountStatement(of, parts)


async def read_lines(session: AsyncSession, of: StatementOf, *, most: int) -> list[StatementLine]:
    """Return the entries of a statement, the earliest first, up to a number of them."""
    rows = await LINES.fetch(await connection_of(session), most=most, **_values(of))
    lines = []
    for row in rows:
        posting = Posting.parse(row["posting"])
        lines.append(
            StatementLine(
                at=row["created_at"].astimezone(ZoneInfo(of.time_zone)),
                kind=posting.kind,
                subject_id=str(posting.subject_id),
                debit=AccountKind(row["debit"]),
                credit=AccountKind(row["credit"]),
                amount=row["amount"],
                change=row["change"],
                number=row["number"],
            )
        )
    return lines


def list_statement_entries(of: StatementOf) -> Listing[LedgerEntry]:
    """List the entries of a statement that the viewer may see, the newest first."""
    since, until = of.times
    within = (LedgerEntry.created_at >= since, LedgerEntry.created_at < until)
    sides = [side == _account(of, kind) for kind in of.kind.accounts for side in SIDES]
    topic = vendor_topic if of.of_vendor else user_topic
    return Listing(
        select(LedgerEntry).where(or_(*sides), *within),
        newest_first(LedgerEntry),
        topics=[topic(of.owner_id)],
        parts=[select(LedgerEntry.id).where(side, *within) for side in sides],
    )


def _account(of: StatementOf, kind: AccountKind) -> Any:
    return (
        select(LedgerAccount.id)
        .where(
            LedgerAccount.kind == kind,
            LedgerAccount.owner_id == of.owner_id,
            LedgerAccount.currency == of.currency,
        )
        .scalar_subquery()
    )


def _values(of: StatementOf) -> dict[str, Any]:
    since, until = of.times
    kinds: Sequence[AccountKind] = of.kind.accounts
    return {
        "owner_id": of.owner_id,
        "currency": of.currency,
        "kinds": kinds,
        "since": since,
        "until": until,
    }
