"""The scene of permissions: a vendor with members of all roles, and how a right is probed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.identity.accounts import User
from models.redemptions import Voucher
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.orders import PlacedOrder
from tests.factories.world import World


@dataclass(frozen=True)
class Workplace:
    """A vendor with a member of each role, a conversation, and others who are no members."""

    world: World
    chat: Chat
    owner: User

    @property
    def vendor(self) -> Vendor:
        return self.chat.vendor

    async def voucher(self) -> Voucher:
        offer = await self.world.offer(self.vendor)
        return await self.world.voucher(offer, self.chat.customer)

    async def sale(self) -> PlacedOrder:
        return await self.world.placed_order(self.chat.customer, [self.vendor])

    async def shows(self, client: Client, field: str) -> bool:
        """Return whether a field of the vendor is shown. Otherwise it must be refused."""
        query = f"query ($id: ID!) {{ vendor(id: $id) {{ {field} }} }}"
        failed = await client.failed(query, id=gid(self.vendor))
        assert failed in ([], ["FORBIDDEN"], ["UNAUTHENTICATED"])
        return failed == []


async def does(client: Client, name: str, given: Mapping[str, Any]) -> bool:
    """Return whether a mutation succeeds. Otherwise it must not find what it is about."""
    if "Authorization" not in client.headers:
        assert await client.mutation_failed(name, dict(given)) == ["UNAUTHENTICATED"]
        return False
    codes = await client.refusal_codes(name, dict(given))
    assert codes in ([], ["NOT_FOUND"])
    return codes == []


async def finds(client: Client, query: str, row: object) -> bool:
    (found,) = (await client.ask(query, id=gid(row))).values()
    return found is not None


Probe = Callable[[Workplace, Client], Awaitable[list[bool]]]
