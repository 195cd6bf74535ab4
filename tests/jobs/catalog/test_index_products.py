"""The search texts and the places of a vendor's products follow the vendor."""

import pytest

from services.catalog import products as services
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.offers.test_index_offers import ADDRESS


async def test_products_move_with_their_vendor(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "INDEX_BATCH_SIZE", 2)
    owner = await world.user()
    vendor = await world.vendor(owner)
    products = [await world.product(vendor) for _ in range(3)]
    other = await world.product(await world.vendor())
    client, id = api.signed_in(owner), gid(vendor)
    address = {"vendorId": id, "address": ADDRESS}
    assert await client.refusal_codes("updateVendor", address) == []
    await work()
    assert all(["mysuru" in (await world.fresh(one)).search_text for one in products])
    place = {"vendorId": id, "latitude": 12.3, "longitude": 76.6}
    assert await client.refusal_codes("updateVendor", place) == []
    await work()
    found = [await world.fresh(one) for one in products]
    assert {(one.latitude, one.longitude) for one in found} == {(12.3, 76.6)}
    assert await world.fresh(other) == other
