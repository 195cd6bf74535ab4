"""The statements of mutations of drafts, and of the request of an import."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.ids import new_id
from models.offers.offers import OfferState
from models.uploads import ATTACH_WINDOW, UploadPurpose, UploadState
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import statements


async def sent(client: Client, name: str, given: dict[str, Any]) -> list[str]:
    """Return the statements of a mutation."""
    query = (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!)"
        f" {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    )
    return await statements(client, query, input=given)


async def test_scheduling_takes_few_statements(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    client = api.signed_in(owner)
    for count in (1, 20):  # other drafts that are scheduled
        for _ in range(count):
            offer = await world.offer(vendor, state=OfferState.DRAFT)
            at = {"offerId": gid(offer), "publishAt": (now() + timedelta(hours=1)).isoformat()}
            assert len(await sent(client, "scheduleOffer", at)) <= 8
        assert len(await sent(client, "unscheduleOffer", {"offerId": gid(offer)})) <= 7


@pytest.mark.parametrize("size", [100, 1_000_000])
async def test_the_request_of_an_import_reads_no_file(world: World, api: Client, size: int) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    upload = await world.upload(
        owner,
        purpose=UploadPurpose.DOCUMENT,
        state=UploadState.READY,
        size=size,
        key=f"kept/{new_id()}",
        expires_at=now() + ATTACH_WINDOW,
    )
    given = {
        "vendorId": gid(vendor),
        "uploadId": gid(upload),
        "dryRun": True,
        "idempotencyKey": "one",
    }
    assert len(await sent(api.signed_in(owner), "importOffers", given)) <= 13
