"""A date on sale: its ticket types with their tiers and quotas."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import and_, col, func, or_, select

from core.clock import now
from core.database import for_reliance
from core.statements.records import part_of
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.sale_queue import SaleQueue, SaleQueueState
from models.events.ticket_types import (
    CodeNeeded,
    PriceTier,
    TicketQuota,
    TicketType,
    TypeCode,
    TypeQuota,
)
from models.promos.codes import PromoCode, PromoCodeState
from models.vendors import Vendor, VendorStatus
from services.events.access import SHOWN

_THIS_DATE = col(EventDate.id) == bindparam("event_date_id")
_EVENT = columns_of(Event)
_FIRST = 3  # columns of others
# Members change dates, types and quotas under the lock of their event, and cancel dates under it.
# So the date itself is not locked, but read afterwards: the pulse writes its figures, and would
# wait for ever while one sale begins before another ends.
RELY = Statement(
    for_reliance(
        select(
            col(Vendor.status),
            col(SaleQueue.id).label("queue_id"),
            col(SaleQueue.prequeue_at).label("queue_from"),
            *(column.label(f"event_{column.key}") for column in _EVENT),
        )
        .join(Event, col(Event.vendor_id) == col(Vendor.id))
        .join(EventDate, col(EventDate.event_id) == col(Event.id))
        .outerjoin(
            SaleQueue,
            and_(col(SaleQueue.event_id) == Event.id, SaleQueue.state != SaleQueueState.ENDED),
        )
        .where(_THIS_DATE),
        of=(Vendor, Event),
    )
)
ReliedEvent = part_of(Event, [column.key for column in _EVENT])
_QUOTA_IDS = (
    select(col(TypeQuota.quota_id))
    .join(TicketQuota, col(TicketQuota.id) == col(TypeQuota.quota_id))
    .where(
        col(TicketQuota.event_date_id) == bindparam("event_date_id"),
        col(TypeQuota.ticket_type_id) == col(TicketType.id),
    )
    .correlate(TicketType)
    .scalar_subquery()
)
_TYPE: list[Any] = [
    *columns_of(TicketType),
    func.array(_QUOTA_IDS, type_=ARRAY(Uuid())).label("quota_ids"),
    exists().where(col(PriceTier.ticket_type_id) == col(TicketType.id)).label("has_tiers"),
]
EVENT = Statement(select(*columns_of(Event)).where(col(Event.id) == bindparam("event_id")), Event)
DATE = Statement(select(*columns_of(EventDate)).where(_THIS_DATE), EventDate)
TYPES = Statement(select(*_TYPE).where(any_of(col(TicketType.id))), TicketType)
# A tier with a quota is open on the date of that alone.
TIERS = Statement(
    select(*columns_of(PriceTier))
    .outerjoin(TicketQuota, col(TicketQuota.id) == col(PriceTier.quota_id))
    .where(
        any_of(col(PriceTier.ticket_type_id)),
        or_(
            col(PriceTier.quota_id).is_(None),
            col(TicketQuota.event_date_id) == bindparam("event_date_id"),
        ),
    )
    .order_by(col(PriceTier.position)),
    PriceTier,
)
_CODE: list[Any] = [*columns_of(PromoCode), col(TypeCode.ticket_type_id)]
UNLOCKED = Statement(
    select(*_CODE)
    .join(TypeCode, col(TypeCode.promo_code_id) == col(PromoCode.id))
    .where(
        col(PromoCode.code) == bindparam("code"),
        col(PromoCode.state) == PromoCodeState.ACTIVE,
        col(PromoCode.vendor_id) == bindparam("vendor_id"),
    ),
    PromoCode,
)


@dataclass(frozen=True)
class OpenSale:
    """A date on sale at a moment, with the wanted ticket types by id."""

    event: Event
    date: EventDate
    moment: datetime
    types: Mapping[UUID, TicketType]
    tiers: Mapping[UUID, Sequence[PriceTier]]
    quota_ids: Mapping[UUID, Sequence[UUID]]
    unlocked: frozenset[UUID] = field(default_factory=frozenset)
    promo_code_id: UUID | None = None
    queue_id: UUID | None = None  # of the queue that users pass through now
    at_desk: bool = False

    @property
    def all_quota_ids(self) -> list[UUID]:
        """Return the ids of the quotas of the types and their tiers on the date, sorted."""
        tiers = [tier for of_type in self.tiers.values() for tier in of_type]
        limited = {tier.quota_id for tier in tiers if tier.quota_id is not None}
        return sorted(limited.union(*self.quota_ids.values()))

    def is_seated(self, ticket_type_id: UUID) -> bool:
        """Return whether tickets of a type have seats on the date."""
        return self.date.seated and self.types[ticket_type_id].seated

    def choose_type(self, ticket_type_id: UUID, field: list[str]) -> TicketType:
        """Return a type that is sold on the date now. Raises `NotFound` and its refusals."""
        found = self.types.get(ticket_type_id)
        if found is None or found.event_id != self.event.id:
            raise NotFound(field=field)
        if not self.quota_ids.get(found.id) and not (found.seated and self.date.seated):
            raise NotFound(field=field)
        if self.at_desk:
            found.ensure_active()
            return found
        if found.needs_code and found.id not in self.unlocked:
            raise CodeNeeded(field=["code"])
        found.ensure_on_sale(self.moment)
        return found


async def open_sale(
    unit: UnitOfWork,
    event_date_id: UUID,
    type_ids: Sequence[UUID],
    code: str | None = None,
    *,
    at_desk: bool = False,
) -> OpenSale:
    """Return a date that is on sale. Its vendor and its event are locked shared.

    At the desk tickets are sold until the date is over, also while the public sale is paused.

    Raises `NotFound`, `SaleNotOpen` and `SaleEnded`.
    """
    connection = await connection_of(unit)
    relied = await RELY.fetch_one(connection, event_date_id=event_date_id)
    if relied is None or relied["status"] != VendorStatus.APPROVED:
        raise NotFound
    event = cast("Event", ReliedEvent(tuple(relied)[_FIRST:]))
    (date,) = await DATE.fetch(connection, event_date_id=event_date_id)
    if event.state not in SHOWN:
        raise NotFound
    moment = now()
    if at_desk:
        date.ensure_sold_at_desk(moment)
    else:
        event.ensure_on_sale()
        date.ensure_on_sale(moment)
    types: list[Any] = await TYPES.fetch(
        connection, event_date_id=event_date_id, **{KEYS: type_ids}
    )
    unlocked, promo_code_id = await _unlock(unit, event, code, moment)
    return OpenSale(
        event=event,
        date=date,
        moment=moment,
        types={one.id: one for one in types},
        tiers=await _find_tiers(unit, event_date_id, types),
        quota_ids={one.id: one["quota_ids"] for one in types},
        unlocked=unlocked,
        promo_code_id=promo_code_id,
        queue_id=relied["queue_id"] if _has_begun(relied["queue_from"], moment) else None,
        at_desk=at_desk,
    )


async def _find_tiers(
    unit: UnitOfWork, event_date_id: UUID, types: Sequence[Any]
) -> Mapping[UUID, Sequence[PriceTier]]:
    """Return the tiers of those types that have some, by type."""
    found: defaultdict[UUID, list[PriceTier]] = defaultdict(list)
    ids = [one.id for one in types if one["has_tiers"]]
    if ids:
        connection = await connection_of(unit)
        for tier in await TIERS.fetch(connection, event_date_id=event_date_id, **{KEYS: ids}):
            found[tier.ticket_type_id].append(tier)
    return found


def _has_begun(since: datetime | None, moment: datetime) -> bool:
    return since is not None and since <= moment


async def _unlock(
    unit: UnitOfWork, event: Event, code: str | None, moment: datetime
) -> tuple[frozenset[UUID], UUID | None]:
    """Return the types that a code unlocks, and the id of the code."""
    if code is None:
        return frozenset(), None
    connection = await connection_of(unit)
    rows = await UNLOCKED.fetch(connection, code=code.strip().upper(), vendor_id=event.vendor_id)
    valid = [row for row in rows if row.is_valid(moment) and row.remaining != 0]
    ids: list[UUID] = [row["ticket_type_id"] for row in valid]  # type: ignore[index]
    return frozenset(ids), valid[0].id if valid else None
