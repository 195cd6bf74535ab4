"""A provider of payouts, and a vendor in Germany with its owner."""

from dataclasses import dataclass

import pytest
from starlette.applications import Starlette

from models.identity.accounts import User
from models.payments.payments import PaymentProvider
from models.vendors import Vendor
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.world import World
from tests.payout_gateway import PayoutProvider


@dataclass
class Counter:
    """A vendor, and clients of its owner and of an admin."""

    world: World
    api: Client
    vendor: Vendor
    owner: User
    client: Client

    @property
    def id(self) -> dict[str, str]:
        return {"vendorId": gid(self.vendor)}

    async def admin(self) -> Client:
        return self.api.signed_in(await self.world.admin())


@pytest.fixture
def provider(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> PayoutProvider:
    """Return a provider that the server has as Stripe."""
    found = PayoutProvider()
    payments = endpoint_of(app).app.payments
    monkeypatch.setitem(payments, PaymentProvider.STRIPE, found.gateway)
    return found


@pytest.fixture
async def indian(world: World, api: Client) -> Counter:
    owner = await world.user()
    return Counter(world, api, await world.vendor(owner), owner, api.signed_in(owner))


@pytest.fixture
async def german(world: World, api: Client) -> Counter:
    owner = await world.user()
    vendor = await world.vendor(owner, currency="EUR", country="DE")
    return Counter(world, api, vendor, owner, api.signed_in(owner))
