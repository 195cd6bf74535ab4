"""The search texts of a vendor's offers follow its city."""

import pytest

from services.offers import offers as services
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Work

ADDRESS = {
    "streetLines": ["12 MG Road"],
    "city": "Mysuru",
    "postalCode": "570001",
    "subdivision": "Karnataka",
}


async def test_another_city_is_found_in_the_search_for_offers(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "INDEX_BATCH_SIZE", 2)
    owner = await world.user()
    vendor = await world.vendor(owner)
    offers = [await world.offer(vendor, title={"en": f"Offer {n}"}) for n in range(3)]
    other = await world.offer(await world.vendor())
    given = {"vendorId": gid(vendor), "address": ADDRESS}
    assert await api.signed_in(owner).refusal_codes("updateVendor", given) == []
    await work()
    assert "mysuru" in (await world.fresh(vendor)).search_text
    for offer in offers:
        assert "mysuru" in (await world.fresh(offer)).search_text
    assert "mysuru" not in (await world.fresh(other)).search_text
