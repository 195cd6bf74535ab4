"""Twenty publications on five units at once, and one period renewed by eight workers at once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.redis.pubsub import PubSub
from models.identity.accounts import User
from models.offers.offers import OfferState
from models.packs.grants import PackGrant
from models.packs.packs import Pack, PackPrice, QuotaUnit
from models.packs.subscriptions import PackSubscription
from models.vendors import Vendor
from services.packs import quota, renewing
from services.packs.periods import begin_period
from services.purchases.paying import FROM_WALLET, start_payment
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.packs import PRICE, buying
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting
from tests.services.conftest import PublicationRecorder

OFFERS, UNITS, WORKERS = 20, 5, 8


async def publish_all(world: World, client: Client, vendor: Vendor) -> Counter[str]:
    offers = [await world.offer(vendor, state=OfferState.DRAFT) for _ in range(OFFERS)]

    async def publish(id: str) -> str:
        codes = await client.refusal_codes("publishOffer", {"offerId": id})
        return codes[0] if codes else "OK"

    return Counter(await asyncio.gather(*(publish(gid(one)) for one in offers)))


async def shop(world: World) -> tuple[User, Vendor]:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.needs_packs(vendor)
    return owner, vendor


async def test_five_units_publish_five_offers(world: World, api: Client) -> None:
    owner, vendor = await shop(world)
    for granted in (3, 2):
        await world.bought(vendor, owner, granted=granted)
    tally = await publish_all(world, api.signed_in(owner), vendor)
    assert tally == {"OK": UNITS, "QUOTA_USED_UP": OFFERS - UNITS}
    assert sum(one.used for one in await world.grants(vendor)) == UNITS
    await check_invariants(world.database)


async def test_two_buyers_pay_once_from_a_wallet_for_one(world: World, api: Client) -> None:
    owner, vendor = await shop(world)
    await world.fund(vendor, PRICE)
    pack, client = await world.pack(), api.signed_in(owner)
    inputs = [buying(vendor, pack) for _ in range(6)]
    codes = await asyncio.gather(*(client.refusal_codes("buyPack", one) for one in inputs))
    assert Counter(str(one) for one in codes) == {"[]": 1, "['WALLET_TOO_LOW']": 5}
    await check_invariants(world.database)


async def unlocked(session: AsyncSession, vendor_id: UUID, unit: QuotaUnit) -> Sequence[PackGrant]:
    rows = select(PackGrant).where(PackGrant.vendor_id == vendor_id, PackGrant.unit == unit)
    found = (await session.exec(rows)).all()
    return [one for one in found if one.remaining]


async def test_more_offers_are_published_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "_lock_grants", Meeting().after(unlocked))
    owner, vendor = await shop(world)
    await world.bought(vendor, owner, granted=UNITS)
    tally = await publish_all(world, api.signed_in(owner), vendor)
    assert tally["OK"] > UNITS


async def subscribe(world: World, api: Client) -> tuple[PackSubscription, Vendor]:
    """Return a subscription whose period has just ended, and its vendor."""
    owner, vendor = await shop(world)
    await world.fund(vendor, 100 * PRICE)
    pack: Pack = await world.pack()
    await api.signed_in(owner).do(
        "subscribeToPack", buying(vendor, pack), "packSubscription { id }"
    )
    async with world.database.session() as session, session.begin():
        rows = select(PackSubscription).where(PackSubscription.vendor_id == vendor.id)
        one = (await session.exec(rows)).one()
        ended = {"renews_at": now() - timedelta(seconds=1)}
        await session.exec(
            update(PackSubscription).where(col(PackSubscription.id) == one.id).values(**ended)
        )
    return one, vendor


async def renew_at_once(world: World, workers: int = WORKERS) -> None:
    transactions = Transactions(world.database, cast("PubSub", PublicationRecorder()))
    await asyncio.gather(*(renewing.renew_due(transactions.begin) for _ in range(workers)))


async def test_eight_workers_renew_a_period_once(world: World, api: Client) -> None:
    _, vendor = await subscribe(world, api)
    await renew_at_once(world)
    assert len(await world.purchases(vendor)) == 2
    assert await world.wallet(vendor) == (98 * PRICE, 0, 0)
    await check_invariants(world.database)


async def hasty(session: AsyncSession, subscription: PackSubscription) -> bool:
    """Renew without the lock of the subscription and without another look at it."""
    terms = PackPrice(pack_id=subscription.pack_id, currency="INR", net=PRICE)
    locked = await begin_period(session, subscription, terms, subscription.renews_at)
    await start_payment(session, locked, FROM_WALLET)
    return True


async def read_only(session: AsyncSession, subscription_id: UUID) -> PackSubscription:
    return await session.get_one(PackSubscription, subscription_id)


async def test_the_key_of_periods_suffices_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "renew", hasty)
    monkeypatch.setattr(renewing, "lock_subscription", Meeting().after(read_only))
    _, vendor = await subscribe(world, api)
    await renew_at_once(world)
    assert len(await world.purchases(vendor)) == 2
    assert await world.wallet(vendor) == (98 * PRICE, 0, 0)


async def test_a_period_is_charged_more_than_once_without_lock_and_key(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drop("pack_period_pack_subscription_id_starts_at_key")
    monkeypatch.setattr(renewing, "renew", hasty)
    monkeypatch.setattr(renewing, "lock_subscription", Meeting().after(read_only))
    _, vendor = await subscribe(world, api)
    await renew_at_once(world)
    assert len(await world.purchases(vendor)) > 2
