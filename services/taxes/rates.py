"""Rates of taxes: read by all users, set by admins and loaded from files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, Ordering
from models.audit import AuditAct
from models.catalog.products import TaxClass
from models.errors import NotFound
from models.taxes.drafts import TaxRateDraft
from models.taxes.rates import DAY, TaxLevy, TaxRate, insert_between, last_day
from services.audit import entries as audit
from services.viewer import Viewer

NEWEST_FIRST = Ordering(
    "tax_rate.starts_on", TaxRate.starts_on, TaxRate.id, date.fromisoformat, descending=True
)


@dataclass(frozen=True)
class RateFilter:
    """Conditions on a list of rates; all of them must hold. None is no condition."""

    country: str | None = None
    tax_class: TaxClass | None = None
    levy: TaxLevy | None = None
    on: date | None = None


def visible_tax_rates(viewer: Viewer) -> SelectOfScalar[TaxRate]:
    """Select all rates. They are law, so each user sees them."""
    rows = select(TaxRate)
    return rows if viewer.user_id is not None else rows.where(false())


def list_tax_rates(viewer: Viewer, wanted: RateFilter) -> Listing[TaxRate]:
    """List rates, those that begin last first."""
    viewer.require_user()
    rows = visible_tax_rates(viewer)
    if wanted.country is not None:
        rows = rows.where(TaxRate.country == wanted.country)
    if wanted.tax_class is not None:
        rows = rows.where(TaxRate.tax_class == wanted.tax_class)
    if wanted.levy is not None:
        rows = rows.where(TaxRate.levy == wanted.levy)
    if (day := wanted.on) is not None:
        rows = rows.where(
            TaxRate.starts_on <= day,
            or_(col(TaxRate.ends_on).is_(None), col(TaxRate.ends_on) >= day),
        )
    return Listing(rows, NEWEST_FIRST)


async def set_tax_rate(session: AsyncSession, viewer: Viewer, draft: TaxRateDraft) -> TaxRate:
    """Set a rate from a day on, until the next one that is planned. The current one ends before it.

    A rate that begins on the same day is replaced, and setting the rate that holds then changes
    nothing. Raises `InvalidInput` for a day in the past, and `TaxRateOverlaps` if another admin
    does the same at the same time.
    """
    viewer.require_admin()
    draft.ensure_begins(_today())
    columns = draft.columns()
    known = await _lock_like(session, TaxRate(**columns))
    held = next((one for one in known if one.holds_on(draft.starts_on)), None)
    if held is not None and held.terms == (draft.bps, draft.cess_bps):
        held.ends_on = last_day(known, held)
        return held
    if held is not None and held.starts_on == draft.starts_on:
        rate = held.sqlmodel_update(columns)
    else:
        rate = TaxRate(**columns)
        insert_between(known, rate)
        await session.flush()  # the former one ends first, because each statement is checked
        session.add(rate)
    audit.append(session, viewer, AuditAct.SET_TAX_RATE, subject_id=rate.id)
    return rate


async def end_tax_rate(session: AsyncSession, viewer: Viewer, *, tax_rate_id: UUID) -> None:
    """End a rate with this day. One that has not begun before it is deleted.

    The rate that would have ended for a deleted one goes on.
    """
    viewer.require_admin()
    found = await session.get(TaxRate, tax_rate_id)
    if found is None:
        raise NotFound
    known, today = await _lock_like(session, found), _today()
    rate = next((one for one in known if one.id == tax_rate_id), None)
    if rate is None:
        raise NotFound
    if rate.starts_on >= today:
        await session.delete(rate)
        await session.flush()
        before = next((one for one in known if one.ends_on == rate.starts_on - DAY), None)
        if before is not None:
            before.ends_on = rate.ends_on
    elif rate.ends_on is None or rate.ends_on > today:
        rate.ends_on = today
    audit.append(session, viewer, AuditAct.END_TAX_RATE, subject_id=tax_rate_id)


async def _lock_like(session: AsyncSession, like: TaxRate) -> Sequence[TaxRate]:
    """Return all rates of the same goods in the same place, locked."""
    rows = select(TaxRate).where(
        TaxRate.country == like.country,
        col(TaxRate.region).is_not_distinct_from(like.region),
        col(TaxRate.tax_class).is_not_distinct_from(like.tax_class),
        col(TaxRate.hsn_prefix).is_not_distinct_from(like.hsn_prefix),
        col(TaxRate.levy).is_not_distinct_from(like.levy),
    )
    return (await session.exec(for_change(rows.order_by(col(TaxRate.id))))).all()


def _today() -> date:
    """Return the day in UTC, in which admins choose days. Rates begin at the vendor's midnight."""
    return now().date()
