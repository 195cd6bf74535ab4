"""Numbers of documents, without a gap and without a double.

One statement takes the next number, and its lock lasts until the commit. `MAX(number) + 1` would
give two transactions the same one, and a sequence would lose those that are rolled back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from models.invoices.series import (
    InvoiceKind,
    InvoiceSeries,
    fiscal_year_of,
    format_number,
    last_day_of,
)


@dataclass(frozen=True)
class Issuer:
    """A seller with series of its own: a vendor or, without an id, the platform."""

    id: UUID | None
    country: str
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True)
class Numbered:
    """A number, with the moment at which it was given. Later numbers have later moments."""

    number: str
    fiscal_year: int
    issued_on: date
    issued_at: datetime


async def take_number(
    session: AsyncSession, issuer: Issuer, kind: InvoiceKind, moment: datetime | None = None
) -> Numbered:
    """Take the next number of a series, which is the last lock of a transaction but the journal.

    The clock is read under the lock. Between it and the choice of the fiscal year, the year can
    end: then the document is of the last day. `moment` is for documents of the past.
    """
    year = fiscal_year_of(issuer.day(moment or now()), issuer.country)
    series = insert(InvoiceSeries).values(
        id=new_id(), created_at=now(), issuer_id=issuer.id, kind=kind, fiscal_year=year, next=2
    )
    taken = series.on_conflict_do_update(
        index_elements=["issuer_id", "kind", "fiscal_year"],
        set_={"next": col(InvoiceSeries.next) + 1},
    ).returning(col(InvoiceSeries.next) - 1, func.clock_timestamp())
    place, at = (await session.execute(taken)).one()
    at = moment or at
    return Numbered(
        number=format_number(kind, year, issuer.country, place),
        fiscal_year=year,
        issued_on=min(issuer.day(at), last_day_of(year, issuer.country)),
        issued_at=at,
    )
