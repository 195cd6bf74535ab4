"""Drafts are published at their time, if the vendor and the offer still allow it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from models.identity.accounts import User
from models.offers.offers import Offer, OfferState
from models.packs.grants import PackRule
from models.vendors import MemberRole, Vendor, VendorFollow, VendorStatus
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

OFFER = "offer { state publishAt publishFailure }"
NOTIFIED = "{ viewer { notifications { nodes { kind subject { ... on Offer { id } } } } } }"
ALL_DUE = text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at > now()")
# The checks compare with the database's clock, so the rows move and the clock stands still.
EARLIER = text(
    "UPDATE offer SET publish_at = now() - interval '1 second', starts_at = starts_at"
    " WHERE publish_at IS NOT NULL"
)
HOUR = timedelta(hours=1)


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def draft(world: World, **values: Any) -> tuple[User, Vendor, Offer]:
    owner = await world.user()
    vendor = await world.vendor(owner)
    return owner, vendor, await world.offer(vendor, state=OfferState.DRAFT, **values)


async def schedule(api: Client, owner: User, offer: Offer, at: datetime) -> list[str]:
    given = {"offerId": gid(offer), "publishAt": iso(at)}
    return await api.signed_in(owner).refusal_codes("scheduleOffer", given)


async def let_time_pass(world: World, work: Work) -> None:
    async with world.database.session() as session, session.begin():
        await session.execute(EARLIER)
        await session.execute(ALL_DUE)
    await work()


async def test_a_draft_is_published_at_its_time(world: World, api: Client, work: Work) -> None:
    owner, vendor, offer = await draft(world)
    follower = await world.user()
    await world.save(VendorFollow(user_id=follower.id, vendor_id=vendor.id))
    at = now() + HOUR
    given = {"offerId": gid(offer), "publishAt": iso(at)}
    client = api.signed_in(owner)
    scheduled = await client.do("scheduleOffer", given, OFFER)
    expected = {"state": "DRAFT", "publishAt": iso(at), "publishFailure": None}
    assert scheduled == {"offer": expected, "errors": []}
    assert await client.do("scheduleOffer", given, OFFER) == scheduled
    await work()
    assert (await world.fresh(offer)).state is OfferState.DRAFT
    await let_time_pass(world, work)
    published = await world.fresh(offer)
    assert (published.state, published.publish_at) == (OfferState.PUBLISHED, None)
    assert published.published_at is not None
    assert (await api.ask("{ offers { nodes { id } } }"))["offers"]["nodes"] == [{"id": gid(offer)}]
    notices = (await api.signed_in(follower).ask(NOTIFIED))["viewer"]["notifications"]["nodes"]
    assert notices == [{"kind": "OFFER_PUBLISHED", "subject": {"id": gid(offer)}}]
    assert (await client.ask(NOTIFIED))["viewer"]["notifications"]["nodes"] == []


async def test_a_later_time_and_none_replace_the_first_one(
    world: World, api: Client, work: Work, defer: Defer
) -> None:
    owner, _, offer = await draft(world)
    assert await schedule(api, owner, offer, now() + HOUR) == []
    assert await schedule(api, owner, offer, now() + 2 * HOUR) == []
    await defer("publish_scheduled_offer", offer_id=offer.id)  # that of the first time
    await work()
    assert (await world.fresh(offer)).state is OfferState.DRAFT
    client, given = api.signed_in(owner), {"offerId": gid(offer)}
    for _ in range(2):
        left = await client.do("unscheduleOffer", given, OFFER)
        assert left["offer"] == {"state": "DRAFT", "publishAt": None, "publishFailure": None}
    await let_time_pass(world, work)
    assert (await world.fresh(offer)).state is OfferState.DRAFT
    assert await client.refusal_codes("publishOffer", given) == []


async def test_publishing_or_archiving_removes_the_time(world: World, api: Client) -> None:
    for name in ("publishOffer", "archiveOffer"):
        owner, _, offer = await draft(world)
        await schedule(api, owner, offer, now() + HOUR)
        changed = await api.signed_in(owner).do(name, {"offerId": gid(offer)}, OFFER)
        assert changed["offer"]["publishAt"] is None


async def suspend(world: World, vendor: Vendor, _: Offer) -> None:
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)


async def reject(world: World, vendor: Vendor, _: Offer) -> None:
    vendor.status = VendorStatus.REJECTED
    await world.save(vendor)


async def end(world: World, _: Vendor, offer: Offer) -> None:
    """Let the offer end, as while no worker runs."""
    offer.publish_at = now() - 2 * HOUR
    offer.starts_at, offer.ends_at = now() - 3 * HOUR, now() - HOUR
    await world.save(offer)


async def require_packs(world: World, vendor: Vendor, _: Offer) -> None:
    await world.save(PackRule(vendor_id=vendor.id, required=True))


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (suspend, "VENDOR_SUSPENDED"),
        (reject, "VENDOR_NOT_APPROVED"),
        (end, "OFFER_ENDED"),
        (require_packs, "QUOTA_USED_UP"),
    ],
)
async def test_a_draft_that_cannot_be_published_is_kept_and_its_vendor_notified(
    world: World, api: Client, work: Work, defer: Defer, meanwhile: Any, reason: str
) -> None:
    owner, vendor, offer = await draft(world)
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    staff = await new_member(world, vendor, MemberRole.STAFF)
    assert await schedule(api, owner, offer, now() + HOUR) == []
    await meanwhile(world, await world.fresh(vendor), await world.fresh(offer))
    async with world.database.session() as session, session.begin():
        await session.execute(
            text("UPDATE offer SET publish_at = least(publish_at, now() - interval '1 second')")
        )
    for _ in range(2):
        await defer("publish_scheduled_offer", offer_id=offer.id)
        await work()
    kept = await world.fresh(offer)
    assert (kept.state, kept.publish_at) == (OfferState.DRAFT, None)
    assert (kept.publish_failure, kept.published_at) == (reason, None)
    expected = [{"kind": "OFFER_NOT_PUBLISHED", "subject": {"id": gid(offer)}}]
    for user, notices in ((owner, expected), (manager, expected), (staff, [])):
        seen = (await api.signed_in(user).ask(NOTIFIED))["viewer"]["notifications"]["nodes"]
        assert seen == notices
    assert (f"vendor:{vendor.id}", 1, "offer.state") in await world.journal()


async def test_a_second_failure_is_a_second_notice(world: World, api: Client, work: Work) -> None:
    owner, vendor, offer = await draft(world)
    await world.save(PackRule(vendor_id=vendor.id, required=True))
    for number in (1, 2):
        assert await schedule(api, owner, offer, now() + HOUR) == []
        assert (await world.fresh(offer)).publish_failure is None
        await let_time_pass(world, work)
        seen = (await api.signed_in(owner).ask(NOTIFIED))["viewer"]["notifications"]["nodes"]
        assert len(seen) == number


async def test_schedule_offer_refuses_other_times_states_and_vendors(
    world: World, api: Client
) -> None:
    owner, vendor, offer = await draft(world)
    assert await schedule(api, owner, offer, now() - HOUR) == ["INVALID_INPUT"]
    assert await schedule(api, owner, offer, offer.ends_at) == ["INVALID_INPUT"]
    assert await schedule(api, owner, offer, offer.ends_at - HOUR) == []
    sooner = {"offerId": gid(offer), "endsAt": iso(offer.ends_at - 2 * HOUR)}
    assert await api.signed_in(owner).refusal_codes("updateOffer", sooner) == ["INVALID_INPUT"]
    for state in set(OfferState) - {OfferState.DRAFT}:
        other = await world.offer(vendor, state=state)
        assert await schedule(api, owner, other, now() + HOUR) == ["OFFER_STATE"]
    await suspend(world, await world.fresh(vendor), offer)
    assert await schedule(api, owner, offer, now() + HOUR) == ["VENDOR_SUSPENDED"]
