"""Revenue of the platform: its sales less what they cost, by day or month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, String, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import connection_of
from models.ledger.account_statements import DateRange
from models.ledger.accounts import AccountKind
from services.ledger.balances import KindBalance
from services.viewer import Viewer

KINDS = (
    AccountKind.COMMISSION,
    AccountKind.PACK_SALES,
    AccountKind.CAMPAIGN_SALES,
    AccountKind.PROMOTIONS,
    AccountKind.PROVIDER_FEES,
    AccountKind.DISPUTE_FEES,
    AccountKind.LOSSES,
)
MAX_STEPS = 92
# Each account has one row in a currency, so both sides are read by their indexes.
REVENUE = Statement(
    text(
        """
        SELECT date_trunc(:bucket, moved.created_at AT TIME ZONE 'UTC') AS starts_at, kind,
            CAST(sum(moved.amount) AS bigint) AS amount
        FROM ledger_account AS account CROSS JOIN LATERAL (
            SELECT created_at, amount FROM ledger_entry
            WHERE credit_id = account.id AND created_at >= :since AND created_at < :until
            UNION ALL
            SELECT created_at, -amount FROM ledger_entry
            WHERE debit_id = account.id AND created_at >= :since AND created_at < :until
        ) AS moved
        WHERE owner_id IS NULL AND currency = :currency AND kind = ANY(:kinds)
        GROUP BY starts_at, kind ORDER BY starts_at, kind
        """
    ).bindparams(
        bindparam("bucket", type_=String()),
        bindparam("currency", type_=String()),
        bindparam("kinds", type_=ARRAY(String())),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until")),
    )
)


class RevenueStep(StrEnum):
    """The length of the steps of a report. `most` days can be asked for."""

    most: int

    def __new__(cls, name: str, most: int) -> "RevenueStep":
        member = str.__new__(cls, name)
        member._value_ = name
        member.most = most
        return member

    DAY = "DAY", MAX_STEPS
    MONTH = "MONTH", 1_096


@dataclass(frozen=True)
class Revenue:
    """The earnings and costs of the platform from a day on, by kind of account."""

    starts_on: date
    lines: Sequence[KindBalance]

    @property
    def total(self) -> int:
        return sum(line.balance for line in self.lines)


async def read_revenue(
    session: AsyncSession, viewer: Viewer, currency: str, period: DateRange, step: RevenueStep
) -> list[Revenue]:
    """Return the revenue of the days of a period in UTC, without steps in which nothing moved.

    Raises `InvalidInput` for a period that is too long. For admins.
    """
    viewer.require_admin()
    period.ensure_at_most(step.most)
    since, until = period.times(ZoneInfo("UTC"))
    rows = await REVENUE.fetch(
        await connection_of(session),
        bucket=step.lower(),
        currency=currency,
        kinds=KINDS,
        since=since,
        until=until,
    )
    return [
        Revenue(
            starts_at.date(),
            [KindBalance(AccountKind(row["kind"]), 1, row["amount"]) for row in found],
        )
        for starts_at, found in groupby(rows, key=lambda row: row["starts_at"])
    ]
