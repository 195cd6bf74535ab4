"""A user with two tabs of one session, and a phone with a session of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from models.identity.accounts import User
from tests.client import Client
from tests.factories.world import World
from tests.subscriptions.conftest import Shop
from tests.subscriptions.subscription_client import SubscriptionClient


@dataclass(frozen=True)
class DevicesOfUser:
    """Three clients of a user: `tab`, `other_tab` and `phone`."""

    shop: Shop
    user: User
    tab: Client
    other_tab: Client
    phone: Client

    @classmethod
    async def of(cls, shop: Shop, world: World, user: User | None = None) -> Self:
        user = user or await world.user()
        session = await world.session(user)
        tab, other, phone = [shop.api.signed_in(user, session=one) for one in (None, None, session)]
        return cls(shop, user, tab, other, phone)

    @property
    def all(self) -> Sequence[Client]:
        return self.tab, self.other_tab, self.phone

    async def follow(self, query: str, after: str, **values: Any) -> list[SubscriptionClient]:
        """Return a connected subscriber of each device."""
        tokens = [one.headers["Authorization"].removeprefix("Bearer ") for one in self.all]
        variables = {"after": after, **values}
        followers = [
            await self.shop._subscribe(tokens=[one], query=query, variables=variables)
            for one in tokens
        ]
        for one in followers:
            await one.connected()
        return followers

    async def ask(self, query: str, **variables: Any) -> Any:
        """Return the answer to a query, which must be the same on all devices."""
        first, *others = [await one.ask(query, **variables) for one in self.all]
        assert others == [first, first]
        return first


async def received(followers: Sequence[SubscriptionClient], changes: int) -> list[dict[str, Any]]:
    """Return the changes that all followers have received, which must be the same."""
    first, *others = [list(await one.received(changes)) for one in followers]
    assert others == [first] * len(others)
    return first
