"""Orders of tickets: from a hold to a payment."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlmodel import col, select

from models.events.selling.holds import TicketHold
from models.events.tickets import Ticket
from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.order_of_user import OrderOfUser
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed

PLACED = "order { id state paymentState } payment { paymentStatus }"
PROBLEMS = (
    "checkout { id totals { total { amountMinor } } problems { code holdId variantId message } }"
)


@dataclass
class TicketOrder(OrderOfUser):
    """A user with a hold, who orders and pays it."""

    office: BoxOffice
    client: Client
    hold: TicketHold

    @classmethod
    async def begin(
        cls, office: BoxOffice, api: Client, user: User | None = None, **values: Any
    ) -> Self:
        user = user or await office.world.user()
        hold = await office.hold(user, **values)
        return cls(office.world, user, office, api.signed_in(user), hold)

    async def check_out(self, *holds: TicketHold) -> dict[str, Any]:
        input = {"currency": "INR", "holdIds": [gid(one) for one in holds or (self.hold,)]}
        made = await self.client.do("createCheckout", input, PROBLEMS)
        checkout: dict[str, Any] = made["checkout"]
        return checkout

    def input(self, checkout: dict[str, Any], **values: Any) -> dict[str, Any]:
        total = checkout["totals"]["total"]["amountMinor"]
        return keyed(checkoutId=checkout["id"], expectedTotalMinor=total) | values

    async def place(self, **values: Any) -> dict[str, Any]:
        checkout = await self.check_out()
        placed = await self.client.do("placeOrder", self.input(checkout, **values), PLACED)
        assert placed["errors"] == []
        return placed

    async def buy(self, **values: Any) -> list[Ticket]:
        """Order the hold, and pay it."""
        await self.place(**values)
        await self.pay()
        return await self.tickets()

    async def tickets(self, holder_id: UUID | None = None) -> list[Ticket]:
        rows = select(Ticket).where(Ticket.holder_id == (holder_id or self.user.id))
        async with self.world.database.session() as session:
            return list((await session.exec(rows.order_by(col(Ticket.id)))).all())
