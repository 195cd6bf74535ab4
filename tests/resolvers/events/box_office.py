"""A date with a quota, and a type that is sold out of it: the scene of holds and tickets."""

from typing import Any

from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.holds import TicketBuyer, TicketHold
from models.events.ticket_types import TicketQuota, TicketType
from models.identity.accounts import User
from models.vendors import Vendor
from tests.factories.world import World


class BoxOffice:
    """A date with a quota of ten tickets, which one type is sold out of."""

    world: World
    vendor: Vendor
    event: Event
    date: EventDate
    quota: TicketQuota
    kind: TicketType
    user: User

    @classmethod
    async def open(cls, world: World, capacity: int = 10, **values: Any) -> "BoxOffice":
        self = cls()
        self.world, self.vendor, self.user = world, await world.vendor(), await world.user()
        self.event = await world.event(self.vendor, **values)
        self.date = await world.event_date(self.event)
        self.quota = await world.quota(self.date, capacity)
        self.kind = await world.ticket_type(self.event, self.quota)
        return self

    async def taken(self) -> int:
        quota: TicketQuota = await self.world.fresh(self.quota)
        return quota.taken

    async def counted(self, user: User) -> int:
        async with self.world.database.session() as session:
            found = await session.get(TicketBuyer, (self.date.id, user.id))
            return found.tickets if found else 0

    async def hold(self, user: User, **values: Any) -> TicketHold:
        quantity = values.pop("quantity", 1)
        return await self.world.ticket_hold(
            user, self.date, self.kind, self.quota, quantity=quantity, **values
        )
