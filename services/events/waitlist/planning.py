"""The choice of the next entry of a waitlist that is served, without the database."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from models.events.events import WaitlistRule
from models.events.selling.waitlist import Together, WaitlistEntry
from models.events.ticket_types import TicketType
from services.events.waitlist.free_seats import AccessibleSeats, FreeSeats, Scarce

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
    accessible: bool = False


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

    `listed` are tickets that users resell, by type. They come after those of the vendor. `seats`
    are None on a date without a chart.
    """

    types: Mapping[UUID, TicketType]
    quota_ids: Mapping[UUID, Sequence[UUID]]
    room: Mapping[UUID, int] = field(default_factory=dict)
    listed: Mapping[UUID, Sequence[ListedTicket]] = field(default_factory=dict)
    seats: FreeSeats | None = None

    @property
    def left(self) -> bool:
        """Return whether anything is free."""
        return (
            any(self.room.values())
            or bool(self.listed)
            or (self.seats is not None and self.seats.left)
        )

    def is_seated(self, type_id: UUID) -> bool:
        return self.seats is not None and self.types[type_id].seated

    def fit(self, one: WaitingEntry) -> ChosenTickets | None:
        """Return the tickets that an entry gets: none if they are too few."""
        for type_ids in self._ways(one.entry):
            chosen = self._collect(one, type_ids)
            if chosen is not None:
                return chosen
        return None

    def _ways(self, entry: WaitlistEntry) -> Sequence[Sequence[UUID]]:
        """Return the types that are combined, the preferred way first.

        Seats that must be close, or accessible, are of one type, and no other is added to them.
        """
        preferred = entry.preferred(self.types)
        if entry.together is Together.ANY and not entry.accessible:
            return [preferred]
        standing = [id for id in preferred if not self.is_seated(id)]
        ways: list[Sequence[UUID]] = []
        for id in preferred:
            way = [id] if self.is_seated(id) else standing
            if way not in ways:
                ways.append(way)
        return ways

    def _collect(self, one: WaitingEntry, type_ids: Sequence[UUID]) -> ChosenTickets | None:
        """Return tickets of the types in their order: none if they are too few."""
        entry, room = one.entry, dict(self.room)
        wanted, found = min(entry.most, one.allowed), 0
        units: dict[UUID, int] = {}
        listed: dict[UUID, Sequence[ListedTicket]] = {}
        for type_id in type_ids:
            kind, quota_ids = self.types[type_id], self.quota_ids.get(type_id, ())
            free = min(
                (room[id] for id in quota_ids), default=wanted if self.is_seated(type_id) else 0
            )
            most = min(free, wanted - found) // kind.admits
            count = min(most, kind.max_per_order)
            if self.is_seated(type_id):
                count = self._count_seats(entry, type_id, units, count)
            if count >= max(1, kind.min_per_order):
                units[type_id] = count
                found += count * kind.admits
                for id in quota_ids:
                    room[id] -= count * kind.admits
            else:
                count = 0
            resold = self._resold(entry, type_id, min(wanted - found, kind.max_per_order - count))
            if resold and (found == 0 or not self._is_strict(entry, type_id)):
                listed[type_id] = resold
                found += len(resold)
        return ChosenTickets(units, listed) if found >= entry.least else None

    def _count_seats(self, entry: WaitlistEntry, type_id: UUID, units: Units, wanted: int) -> int:
        """Return how many seats an entry gets of a type, besides those of others.

        It is not known yet which seats others get, so each of a shared category counts as gone.
        """
        if self.seats is None:
            return 0
        categories = set(self.types[type_id].category_ids)
        gone = sum(
            count for id, count in units.items() if categories & {*self.types[id].category_ids}
        )
        found = self.seats.count(categories, entry.together, entry.accessible, wanted + gone)
        return max(0, found - gone)

    def _resold(self, entry: WaitlistEntry, type_id: UUID, most: int) -> Sequence[ListedTicket]:
        """Return listed tickets for an entry, of others. Of seats that must be close, one."""
        wants_accessible = self.is_seated(type_id) and entry.accessible > 0
        found = [
            one
            for one in self.listed.get(type_id, ())
            if one.seller_id != entry.user_id and one.accessible == wants_accessible
        ]
        if self._is_strict(entry, type_id):
            most = min(most, 1) if entry.least == 1 and entry.accessible <= 1 else 0
        return found[:most]

    def _is_strict(self, entry: WaitlistEntry, type_id: UUID) -> bool:
        """Return whether the seats of an entry must be close to each other."""
        apart = entry.together is Together.ANY and not entry.accessible
        return self.is_seated(type_id) and not apart

    def scarce(self, type_id: UUID) -> set[Scarce]:
        """Return what limits a type: its quotas, its categories of seats, and itself."""
        return {type_id, *self.quota_ids.get(type_id, ()), *self.types[type_id].category_ids}

    def scarce_for(self, entry: WaitlistEntry) -> set[Scarce]:
        """Return what an entry waits for.

        While no row has its accessible seats, one does not wait for the general seats beside them.
        """
        found: set[Scarce] = set()
        for type_id in entry.preferred(self.types):
            if not (self.is_seated(type_id) and entry.accessible):
                found |= self.scarce(type_id)
                continue
            categories = self.types[type_id].category_ids
            quota_ids = self.quota_ids.get(type_id, ())
            found |= {AccessibleSeats(id) for id in categories}
            found |= {id for id in quota_ids if self.room[id] < entry.least}
            if self.seats and self.seats.has_accessible(categories, entry.accessible):
                found |= set(categories)
        return found

    def taken_by(self, entry: WaitlistEntry, tickets: ChosenTickets) -> set[Scarce]:
        """Return what is taken for an entry."""
        found: set[Scarce] = set()
        for type_id in {*tickets.units, *tickets.listed}:
            found |= self.scarce(type_id)
            if self.is_seated(type_id) and entry.accessible:
                categories = set(self.types[type_id].category_ids)
                found |= {AccessibleSeats(id) for id in categories}
                if tickets.units.get(type_id, 0) <= entry.accessible:
                    found -= categories
        return found

    def without(self, kept: Set[Scarce]) -> "FreeTickets":
        """Return what is free of it if some of what limits the types is kept for others."""
        room = {id: 0 if id in kept else left for id, left in self.room.items()}
        listed = {
            id: [one for one in some if not self._scarce_of(id, one) & kept]
            for id, some in self.listed.items()
        }
        seats = self.seats.without(kept) if self.seats else None
        return replace(self, room=room, listed=listed, seats=seats)

    def _scarce_of(self, type_id: UUID, listed: ListedTicket) -> set[Scarce]:
        if listed.accessible:
            return {AccessibleSeats(id) for id in self.types[type_id].category_ids}
        return self.scarce(type_id)

    def choose(
        self, waiting: Sequence[WaitingEntry], rule: WaitlistRule, moment: datetime
    ) -> ServedEntry | None:
        """Return the first entry that fits.

        STRICT, or an entry that was passed too often, keeps its quotas and types for itself: none
        that comes after it is served from them. Who cannot be served now is passed without being
        counted.
        """
        kept: set[Scarce] = set()
        passed: list[WaitlistEntry] = []
        for one in waiting:
            if not one.can_be_served:
                continue
            chosen = self.without(kept).fit(one)
            if chosen is not None:
                taken = self.taken_by(one.entry, chosen)
                earlier = [entry for entry in passed if self.scarce_for(entry) & taken]
                return ServedEntry(one.entry, chosen, earlier)
            if rule is WaitlistRule.STRICT or one.entry.blocks(moment):
                kept |= self.scarce_for(one.entry)
            passed.append(one.entry)
        return None
