"""How many tickets are left: a band for buyers, and the number for members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.events.dates import EventDate
from models.events.events import Event, SaleEnded, SaleNotOpen
from models.events.ticket_types import PriceTier, TicketQuota, TicketType

FEW, FEW_PERCENT = 10, 10


class TicketAvailability(StrEnum):
    """A band of the number of tickets that are left."""

    AVAILABLE = "AVAILABLE"
    FEW = "FEW"
    SOLD_OUT = "SOLD_OUT"


class SeatsLeft(StrEnum):
    """The seats of the public sale: ACCESSIBLE ones are kept for those who ask for them."""

    GENERAL = "GENERAL"
    ACCESSIBLE = "ACCESSIBLE"
    NONE = "NONE"


@dataclass(frozen=True)
class SoldType:
    """A ticket type as it is sold on a date at a moment.

    `shows_number` is whether the viewer learns the number that is left: members do. `seats` is what
    the public sale has of its seats, None if it has no seats on the date.
    """

    event: Event
    date: EventDate
    row: TicketType
    quotas: Sequence[TicketQuota]
    room: Mapping[UUID, int]  # of all quotas of the date
    tiers: Sequence[PriceTier]
    moment: datetime
    shows_number: bool = False
    seats: SeatsLeft | None = None

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def left(self) -> int | None:
        """Return the tickets left, None if seats alone limit them."""
        return min((quota.left for quota in self.quotas), default=None)

    @property
    def remaining(self) -> int | None:
        return self.left if self.shows_number else None

    @property
    def tier(self) -> PriceTier | None:
        return self.row.open_tier(self.tiers, self.room, self.moment, self.row.admits)

    @property
    def tier_name(self) -> str | None:
        return self.tier.name if self.tier else None

    @property
    def price(self) -> int:
        return self.row.price_now(self.tier)

    @property
    def availability(self) -> TicketAvailability:
        if self.is_over or self.seats is SeatsLeft.NONE:
            return TicketAvailability.SOLD_OUT
        left = self.row.admits if self.left is None else self.left
        if left < self.row.admits or any(quota.waitlist_first for quota in self.quotas):
            return TicketAvailability.SOLD_OUT
        if self.seats is SeatsLeft.ACCESSIBLE:
            return TicketAvailability.FEW
        if self.left is None:
            return TicketAvailability.AVAILABLE
        capacity = min(quota.capacity for quota in self.quotas)
        few = max(FEW, capacity * FEW_PERCENT // 100)
        few = min(few, capacity // 2)
        return TicketAvailability.FEW if self.left <= few else TicketAvailability.AVAILABLE

    @property
    def on_sale(self) -> bool:
        return self._refusal is None

    @property
    def is_over(self) -> bool:
        """Return whether the sale has ended, or the date is over or cancelled."""
        return self.date.is_over(self.moment) or isinstance(self._refusal, SaleEnded)

    @property
    def _refusal(self) -> SaleNotOpen | SaleEnded | None:
        try:
            self.event.ensure_on_sale()
            self.date.ensure_on_sale(self.moment)
            self.row.ensure_on_sale(self.moment)
        except (SaleNotOpen, SaleEnded) as refusal:
            return refusal
        return None

    @property
    def opens_at(self) -> datetime | None:
        """Return when the sale opens, None if it has opened or there is no time for it."""
        times = (self.date.sale_starts_at, self.row.sale_starts_at)
        later = [time for time in times if time is not None and time > self.moment]
        return max(later, default=None)
