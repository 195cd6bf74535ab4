"""Offers end on time, and then their vouchers, a hundred at a time."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from core.clock import now
from models.offers.offers import OfferState
from models.redemptions import Voucher, VoucherState
from services.redemptions import redemptions
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.races.crowd import crowd

PAST = now() - timedelta(seconds=1)
OVER = {"starts_at": PAST - timedelta(days=1), "ends_at": PAST}


async def states(till: Till) -> list[str]:
    rows = select(Voucher.state).where(Voucher.offer_id == till.offer.id)
    async with till.world.database.session() as session:
        return list((await session.exec(rows.order_by(col(Voucher.state)))).all())


async def test_expire_offer_ends_it_and_its_vouchers_in_batches(
    world: World, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await Till.open(world, capacity=None, claimed=250, **OVER)
    people = await crowd(world, 250)
    await world.save(*(voucher_of(till, user.id) for user in people))
    redeemed = await till.voucher(state=VoucherState.REDEEMED, redeemed_at=PAST)
    batches: list[bool] = []
    expire = redemptions.expire_vouchers

    async def counting(*given: object) -> bool:
        batches.append(await expire(*given))  # type: ignore[arg-type]
        return batches[-1]

    monkeypatch.setattr(redemptions, "expire_vouchers", counting)
    await defer("expire_offer", offer_id=till.offer.id)
    await work()
    assert batches == [True, True, False]
    assert (await world.fresh(till.offer)).state == OfferState.EXPIRED
    assert (await world.fresh(redeemed)).state == VoucherState.REDEEMED
    assert await states(till) == [VoucherState.EXPIRED] * 250 + [VoucherState.REDEEMED]
    topics = [topic for topic, _, kind in await world.journal() if kind == "voucher.expired"]
    assert sorted(topics) == sorted(f"user:{user.id}" for user in people)


def voucher_of(till: Till, user_id: UUID) -> Voucher:
    return Voucher(
        offer_id=till.offer.id,
        vendor_id=till.vendor.id,
        user_id=user_id,
        claim_number=1,
        holder_number=1,
        code=str(user_id)[-11:],
        token="",
        starts_at=till.offer.starts_at,
        expires_at=till.offer.ends_at,
    )


@pytest.mark.parametrize("state", [OfferState.PUBLISHED, OfferState.PAUSED])
async def test_expire_offer_ends_one_that_is_over(
    world: World, defer: Defer, work: Work, state: OfferState
) -> None:
    till = await Till.open(world, state=state, **OVER)
    for _ in range(2):
        await defer("expire_offer", offer_id=till.offer.id)
        await work()
    assert (await world.fresh(till.offer)).state == OfferState.EXPIRED
    assert [kind for _, _, kind in await world.journal()] == ["offer.state"]


@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.ARCHIVED])
async def test_expire_offer_ignores_unpublished_offers(
    world: World, defer: Defer, work: Work, state: OfferState
) -> None:
    till = await Till.open(world, state=state, **OVER)
    await defer("expire_offer", offer_id=till.offer.id)
    await work()
    assert (await world.fresh(till.offer)).state == state


async def test_expire_offer_ignores_a_postponed_end(world: World, defer: Defer, work: Work) -> None:
    till = await Till.open(world)
    early = await till.voucher(expires_at=PAST)
    late = await world.voucher(till.offer, await world.user())
    await defer("expire_offer", offer_id=till.offer.id)
    await work()
    assert (await world.fresh(till.offer)).state == OfferState.PUBLISHED
    assert (await world.fresh(early)).state == VoucherState.EXPIRED
    assert (await world.fresh(late)).state == VoucherState.CLAIMED


async def test_expire_offer_waits_for_its_time(world: World, defer: Defer, work: Work) -> None:
    till = await Till.open(world, **OVER)
    await defer("expire_offer", at=now() + timedelta(hours=1), offer_id=till.offer.id)
    await work()
    assert (await world.fresh(till.offer)).state == OfferState.PUBLISHED
