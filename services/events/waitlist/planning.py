"""The choice of the next entry of a waitlist that is served, without the database."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from models.events.events import WaitlistRule
from models.events.ticket_types import TicketType
from models.events.waitlist import WaitlistEntry

Units = Mapping[UUID, int]  # of ticket types


@dataclass(frozen=True)
class WaitingEntry:
    """An entry, and how many tickets of the date its user can still get."""

    entry: WaitlistEntry
    allowed: int
    present: bool = True  # False while the account is suspended

    @property
    def can_be_served(self) -> bool:
        return self.present and self.allowed >= self.entry.least


@dataclass(frozen=True)
class ListedTicket:
    """A ticket that its holder resells."""

    listing_id: UUID
    seller_id: UUID
    price: int
    seat_id: UUID | None = None


@dataclass(frozen=True)
class ChosenTickets:
    """The units that an entry gets of each type, and the listed tickets of each type."""

    units: Units
    listed: Mapping[UUID, Sequence[ListedTicket]]


@dataclass(frozen=True)
class ServedEntry:
    """The entry that is served, with the tickets that it gets, and those that it passes."""

    entry: WaitlistEntry
    tickets: ChosenTickets
    passed: Sequence[WaitlistEntry]


@dataclass
class FreeTickets:
    """The types of a date that can wait for, by preference of the vendor, and the room of quotas.

    `listed` are tickets that users resell, by type. They come after those of the vendor.
    """

    types: Mapping[UUID, TicketType]
    quota_ids: Mapping[UUID, Sequence[UUID]]
    room: dict[UUID, int] = field(default_factory=dict)
    listed: Mapping[UUID, Sequence[ListedTicket]] = field(default_factory=dict)

    def fit(self, one: WaitingEntry) -> ChosenTickets | None:
        """Return the tickets that an entry gets: none if they are too few."""
        entry, room = one.entry, dict(self.room)
        wanted, found = min(entry.most, one.allowed), 0
        units: dict[UUID, int] = {}
        listed: dict[UUID, Sequence[ListedTicket]] = {}
        for type_id in entry.preferred(self.types):
            kind, quota_ids = self.types[type_id], self.quota_ids.get(type_id, ())
            free = min((room[id] for id in quota_ids), default=0)
            most = min(free, wanted - found) // kind.admits
            count = min(most, kind.max_per_order)
            if count >= max(1, kind.min_per_order):
                units[type_id] = count
                found += count * kind.admits
                for id in quota_ids:
                    room[id] -= count * kind.admits
            else:
                count = 0
            of_others = [
                one for one in self.listed.get(type_id, ()) if one.seller_id != entry.user_id
            ]
            resold = of_others[: min(wanted - found, kind.max_per_order - count)]
            if resold:
                listed[type_id] = resold
                found += len(resold)
        return ChosenTickets(units, listed) if found >= entry.least else None

    def scarce(self, type_id: UUID) -> set[UUID]:
        """Return what limits a type: its quotas, its categories of seats, and itself."""
        return {type_id, *self.quota_ids.get(type_id, ()), *self.types[type_id].category_ids}

    def scarce_for(self, entry: WaitlistEntry) -> set[UUID]:
        return {id for kind in entry.preferred(self.types) for id in self.scarce(kind)}

    def without(self, kept: Set[UUID]) -> "FreeTickets":
        """Return what is free of it if some of what limits the types is kept for others."""
        room = {id: 0 if id in kept else left for id, left in self.room.items()}
        listed = {id: some for id, some in self.listed.items() if not self.scarce(id) & kept}
        return replace(self, room=room, listed=listed)

    def choose(
        self, waiting: Sequence[WaitingEntry], rule: WaitlistRule, moment: datetime
    ) -> ServedEntry | None:
        """Return the first entry that fits.

        STRICT, or an entry that was passed too often, keeps its quotas and types for itself: none
        that comes after it is served from them. Who cannot be served now is passed without being
        counted.
        """
        kept: set[UUID] = set()
        passed: list[WaitlistEntry] = []
        for one in waiting:
            if not one.can_be_served:
                continue
            chosen = self.without(kept).fit(one)
            if chosen is not None:
                types = {*chosen.units, *chosen.listed}
                taken = {id for kind in types for id in self.scarce(kind)}
                earlier = [entry for entry in passed if self.scarce_for(entry) & taken]
                return ServedEntry(one.entry, chosen, earlier)
            if rule is WaitlistRule.STRICT or one.entry.blocks(moment):
                kept |= self.scarce_for(one.entry)
            passed.append(one.entry)
        return None
