"""A paid order, its buyer, and members of its two vendors."""

from dataclasses import dataclass
from typing import Any, Self

from models.identity.accounts import User
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.orders import PlacedOrder
from tests.factories.vendors import new_member
from tests.factories.world import World


@dataclass
class SoldOrder:
    """An order of two vendors. `vendor`, `seller` and `part` are those of the first one."""

    world: World
    api: Client
    user: User
    vendors: list[Vendor]
    staff: User
    placed: PlacedOrder

    @classmethod
    async def make(cls, world: World, api: Client, **values: Any) -> Self:
        user = await world.user()
        vendors = [await world.vendor(), await world.vendor()]
        staff = await new_member(world, vendors[0], MemberRole.STAFF)
        placed = await world.placed_order(user, vendors, **values)
        return cls(world, api, user, vendors, staff, placed)

    @property
    def vendor(self) -> Vendor:
        return self.vendors[0]

    @property
    def part(self) -> SubOrder:
        return self.placed.suborders[0]

    @property
    def line(self) -> OrderLine:
        return self.placed.lines_of(self.part)[0]

    @property
    def buyer(self) -> Client:
        return self.api.signed_in(self.user)

    @property
    def seller(self) -> Client:
        return self.api.signed_in(self.staff)

    def units(self, quantity: int, line: OrderLine | None = None) -> list[dict[str, Any]]:
        return [{"lineId": gid(line or self.line), "quantity": quantity}]

    def chosen(self, quantity: int, key: str = "one", **values: Any) -> dict[str, Any]:
        """Return the input of a mutation of units of the first part."""
        return {
            "suborderId": gid(self.part),
            "lines": self.units(quantity),
            "reason": "It is broken",
            "idempotencyKey": key,
        } | values

    async def outsiders(self) -> dict[str, User]:
        """Return users who may do nothing with the first part."""
        return {
            "another buyer": await self.world.user(),
            "a scanner": await new_member(self.world, self.vendor, MemberRole.SCANNER),
            "another vendor's member": await new_member(
                self.world, self.vendors[1], MemberRole.OWNER
            ),
            "an admin": await self.world.admin(),
        }

    async def ship(self, *parts: SubOrder) -> None:
        """Ship all units of parts, as the domain of shipments does."""
        async with self.world.database.session() as session, session.begin():
            for one in parts or self.placed.suborders:
                part = await session.get_one(SubOrder, one.id)
                part.state = SubOrderState.SHIPPED
                for line in self.placed.lines_of(one):
                    row = await session.get_one(OrderLine, line.id)
                    row.shipped = row.quantity - row.cancelled
