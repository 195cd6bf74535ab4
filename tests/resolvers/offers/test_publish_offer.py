"""Publishing an offer makes it visible and claimable."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from models.offers.offers import OfferState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.world import World

STATE = "offer { id state publishedAt }"


async def test_publish_offer_makes_it_public(world: World, api: Client) -> None:
    manager, vendor = await world.user(), await world.vendor()
    await world.member(vendor, manager, MemberRole.MANAGER)
    offer = await world.offer(vendor, state=OfferState.DRAFT)
    query = "{ offers { nodes { id } } }"
    assert (await api.ask(query))["offers"]["nodes"] == []
    publish = {"offerId": gid(offer)}
    payload = await api.signed_in(manager).do("publishOffer", publish, STATE)
    assert payload["errors"] == []
    assert payload["offer"]["state"] == "PUBLISHED"
    assert payload["offer"]["publishedAt"] is not None
    assert (await api.ask(query))["offers"]["nodes"] == [{"id": gid(offer)}]
    assert (f"vendor:{vendor.id}", 1, "offer.state") in await world.journal()


async def test_publish_offer_again_is_no_change(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    client = api.signed_in(owner)
    first = await client.do("publishOffer", {"offerId": gid(offer)}, STATE)
    assert await client.do("publishOffer", {"offerId": gid(offer)}, STATE) == first
    assert len(await world.journal()) == 1


async def test_publish_offer_after_a_pause_keeps_its_first_date(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    client, given = api.signed_in(owner), {"offerId": gid(offer)}
    first = await client.do("publishOffer", given, STATE)
    await client.do("pauseOffer", given)
    assert await client.do("publishOffer", given, STATE) == first


async def test_publish_offer_has_it_end_on_time(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    await api.signed_in(owner).do("publishOffer", {"offerId": gid(offer)})
    jobs = text("SELECT task_name, args ->> 'offer_id', scheduled_at FROM procrastinate_jobs")
    async with world.database.session() as session:
        deferred = (await session.execute(jobs)).all()
    assert [tuple(job) for job in deferred] == [
        ("haat:notify_followers", str(offer.id), None),
        ("haat:match_saved_searches", str(offer.id), None),
        ("haat:expire_offer", str(offer.id), offer.ends_at),
    ]


@pytest.mark.parametrize("state", [OfferState.EXPIRED, OfferState.ARCHIVED])
async def test_publish_offer_that_is_archived(world: World, api: Client, state: OfferState) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state=state)
    publish = {"offerId": gid(offer)}
    assert await api.signed_in(owner).refusal_codes("publishOffer", publish) == ["OFFER_STATE"]
    assert (await world.fresh(offer)).state is state


@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.PAUSED])
async def test_publish_offer_that_is_over(world: World, api: Client, state: OfferState) -> None:
    owner = await world.user()
    over = now() - timedelta(seconds=1)
    offer = await world.offer(await world.vendor(owner), state=state, ends_at=over)
    publish = {"offerId": gid(offer)}
    assert await api.signed_in(owner).refusal_codes("publishOffer", publish) == ["OFFER_ENDED"]


async def test_publish_offer_ahead_of_its_time(world: World, api: Client) -> None:
    owner = await world.user()
    window = {"starts_at": now() + timedelta(days=1), "ends_at": now() + timedelta(days=2)}
    offer = await world.offer(await world.vendor(owner), state=OfferState.DRAFT, **window)
    assert await api.signed_in(owner).refusal_codes("publishOffer", {"offerId": gid(offer)}) == []


@pytest.mark.parametrize(
    "status", [VendorStatus.PENDING, VendorStatus.SUSPENDED, VendorStatus.REJECTED]
)
async def test_publish_offer_of_an_unapproved_vendor(
    world: World, api: Client, status: VendorStatus
) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner, status=status), state=OfferState.DRAFT)
    publish = {"offerId": gid(offer)}
    code = "VENDOR_SUSPENDED" if status is VendorStatus.SUSPENDED else "VENDOR_NOT_APPROVED"
    assert await api.signed_in(owner).refusal_codes("publishOffer", publish) == [code]
    assert (await world.fresh(offer)).state is OfferState.DRAFT
