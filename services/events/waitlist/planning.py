"""The choice of the next entry of a waitlist that is served, without the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
class ServedEntry:
    """The entry that is served, with the units that it gets, and those that it passes."""

    entry: WaitlistEntry
    units: Units
    passed: Sequence[WaitlistEntry]


@dataclass
class FreeTickets:
    """The types of a date that can wait for, by preference of the vendor, and the room of quotas.

    A type without a quota has seats alone, which no entry is served from here.
    """

    types: Mapping[UUID, TicketType]
    quota_ids: Mapping[UUID, Sequence[UUID]]
    room: dict[UUID, int] = field(default_factory=dict)

    def fit(self, one: WaitingEntry) -> Units:
        """Return the units that an entry gets of each type: none if they are too few."""
        entry, room = one.entry, dict(self.room)
        wanted, found = min(entry.most, one.allowed), 0
        units: dict[UUID, int] = {}
        for type_id in entry.preferred(self.types):
            kind, quota_ids = self.types[type_id], self.quota_ids.get(type_id, ())
            free = min((room[id] for id in quota_ids), default=0)
            most = min(free, wanted - found) // kind.admits
            count = min(most, kind.max_per_order)
            if count < max(1, kind.min_per_order):
                continue
            units[type_id] = count
            found += count * kind.admits
            for id in quota_ids:
                room[id] -= count * kind.admits
        return units if found >= entry.least else {}

    def quotas_of(self, entry: WaitlistEntry) -> set[UUID]:
        return {id for kind in entry.preferred(self.types) for id in self.quota_ids.get(kind, ())}

    def choose(
        self, waiting: Sequence[WaitingEntry], rule: WaitlistRule, moment: datetime
    ) -> ServedEntry | None:
        """Return the first entry that fits.

        STRICT, or an entry that was passed too often, keeps its quotas for itself: none that comes
        after it is served from them. Who cannot be served now is passed without being counted.
        """
        kept: set[UUID] = set()
        passed: list[WaitlistEntry] = []
        for one in waiting:
            if not one.can_be_served:
                continue
            open_room = {id: 0 if id in kept else left for id, left in self.room.items()}
            units = FreeTickets(self.types, self.quota_ids, open_room).fit(one)
            if units:
                taken = {id for kind in units for id in self.quota_ids[kind]}
                earlier = [entry for entry in passed if self.quotas_of(entry) & taken]
                return ServedEntry(one.entry, units, earlier)
            if rule is WaitlistRule.STRICT or one.entry.blocks(moment):
                kept |= self.quotas_of(one.entry)
            passed.append(one.entry)
        return None
