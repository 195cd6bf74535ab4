"""Followers hear of new offers: once, at most three of a vendor a day, and as they prefer."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, delete, select

from core.clock import now
from models.identity.accounts import User
from models.notifications.inbox import Channel, Notification, NotificationKind
from models.notifications.preferences import NotificationPreference
from models.offers.offers import Offer, OfferState
from models.vendors import Vendor, VendorFollow, VendorStatus
from services.offers import followers as services
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.jobs.vendors.test_announce_vendor_status import read
from tests.races.meeting import Meeting

KIND = NotificationKind.OFFER_PUBLISHED
FIRST = UUID(int=0)


async def follow(world: World, vendor: Vendor, count: int = 1, **values: Any) -> list[User]:
    users = [await world.user(**values) for _ in range(count)]
    await world.save(*(VendorFollow(user_id=user.id, vendor_id=vendor.id) for user in users))
    return users


async def notified(world: World, offer: Offer) -> set[UUID]:
    """Return the users who know of an offer, none of them twice."""
    rows = select(Notification.user_id).where(Notification.subject_id == offer.id)
    async with world.database.session() as session:
        found = (await session.exec(rows)).all()
    assert len(found) == len(set(found))
    return set(found)


async def run(transactions: Transactions, offer: Offer) -> None:
    last: UUID | None = FIRST
    while last is not None:
        async with transactions.begin() as session:
            last = await services.notify_followers(session, offer.id, last)


async def test_followers_are_notified_when_an_offer_is_published_first(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH_SIZE", 2)
    owner = await world.user()
    vendor, client = await world.vendor(owner), api.signed_in(owner)
    users = await follow(world, vendor, 5)
    await follow(world, await world.vendor())
    offer = await world.offer(vendor, state=OfferState.DRAFT, published_at=None)
    given = {"offerId": gid(offer)}
    for name in ("publishOffer", "pauseOffer", "publishOffer"):
        assert await client.refusal_codes(name, given) == []
        await work()
    assert await notified(world, offer) == {user.id for user in users}
    changes = [topic for topic, _, kind in await world.journal() if kind == "offer.state"]
    assert changes == [f"vendor:{vendor.id}"] * 3
    seen = await api.signed_in(users[0]).ask(
        "{ viewer { notifications { nodes { kind subject { id } } } } }"
    )
    nodes = [{"kind": "OFFER_PUBLISHED", "subject": {"id": gid(offer)}}]
    assert seen["viewer"]["notifications"]["nodes"] == nodes


async def test_a_job_that_runs_again_notifies_nobody_twice(
    world: World, transactions: Transactions
) -> None:
    vendor = await world.vendor()
    users = await follow(world, vendor, 3)
    offer = await world.offer(vendor)
    await run(transactions, offer)
    users += await follow(world, vendor)
    await run(transactions, offer)
    assert await notified(world, offer) == {user.id for user in users}


async def test_at_most_three_offers_of_a_vendor_a_day(
    world: World, transactions: Transactions
) -> None:
    vendor, other = await world.vendor(), await world.vendor()
    (user,) = await follow(world, vendor)
    await world.save(VendorFollow(user_id=user.id, vendor_id=other.id))
    old = await world.offer(vendor)
    yesterday = now() - timedelta(hours=25)
    await world.save(
        Notification(user_id=user.id, kind=KIND, subject_id=old.id, created_at=yesterday)
    )
    offers = [await world.offer(vendor) for _ in range(4)]
    for offer in offers:
        await run(transactions, offer)
    assert [len(await notified(world, offer)) for offer in offers] == [1, 1, 1, 0]
    another = await world.offer(other)
    await run(transactions, another)
    assert await notified(world, another) == {user.id}


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "without the lock"])
async def test_offers_that_are_published_at_once_keep_the_limit(
    world: World, transactions: Transactions, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    """Eight jobs at a time. Without the lock of the follows, all count before any has notified."""
    if not locks:
        monkeypatch.setattr(services, "for_change", lambda rows: rows)
        counted = Meeting(callers=8).after(services._find_notified)
        monkeypatch.setattr(services, "_find_notified", counted)
    vendor = await world.vendor()
    await follow(world, vendor, 3)
    offers = [await world.offer(vendor) for _ in range(8)]
    await asyncio.gather(*(run(transactions, offer) for offer in offers))
    count = sum([len(await notified(world, offer)) for offer in offers])
    assert count == 3 * (services.MAX_PER_DAY if locks else len(offers))


async def test_who_refuses_all_channels_is_not_notified(
    world: World, transactions: Transactions
) -> None:
    vendor = await world.vendor()
    none, some, other = await follow(world, vendor, 3)
    refused = [(none, channel, KIND) for channel in Channel]
    refused += [(some, Channel.MAIL, KIND)]
    refused += [(other, channel, NotificationKind.VOUCHER_REDEEMED) for channel in Channel]
    await world.save(
        *(
            NotificationPreference(user_id=user.id, kind=kind, channel=channel, allowed=False)
            for user, channel, kind in refused
        )
    )
    offer = await world.offer(vendor)
    await run(transactions, offer)
    assert await notified(world, offer) == {some.id, other.id}


@pytest.mark.parametrize(
    ("state", "status"),
    [(OfferState.PAUSED, VendorStatus.APPROVED), (OfferState.PUBLISHED, VendorStatus.SUSPENDED)],
)
async def test_nobody_is_notified_of_an_offer_that_is_not_live(
    world: World, transactions: Transactions, state: OfferState, status: VendorStatus
) -> None:
    vendor = await world.vendor(status=status)
    await follow(world, vendor)
    offer = await world.offer(vendor, state=state)
    await run(transactions, offer)
    assert await notified(world, offer) == set()


async def test_the_mail_is_in_the_language_of_the_follower(
    world: World, transactions: Transactions, work: Work, outbox: Path
) -> None:
    vendor = await world.vendor(name="Teehaus")
    (user,) = await follow(world, vendor, locale="de")
    gone = (await follow(world, vendor))[0]
    offer = await world.offer(vendor, title={"en": "Free tea", "de": "Gratis Tee"})
    await run(transactions, offer)
    async with world.database.session() as session, session.begin():
        await session.exec(delete(VendorFollow).where(col(VendorFollow.user_id) == gone.id))
    await work()
    ((to, subject, text),) = read(outbox)
    assert (to, subject) == (
        email_of(user),
        "Ein neues Angebot von einem Geschäft, dem du folgst",
    )
    assert "“Gratis Tee” bei “Teehaus”" in text
