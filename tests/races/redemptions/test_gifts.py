"""Two users accept one gift, and a manager reverses one redemption twice, at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.fraud.settings import RotationMode
from models.gifts import VoucherGift
from models.offers.offers import Offer
from models.redemptions import Voucher
from services.gifts import receiving
from services.redemptions import redeem, reversals
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.meeting import Meeting
from tests.resolvers.gifts.test_gifts import accepting, give
from tests.resolvers.redemptions.test_reverse_redemption import redeemed, undo


async def read_offer(session: AsyncSession, offer_id: UUID) -> Offer:
    return await session.get_one(Offer, offer_id)


async def read_voucher(session: AsyncSession, voucher_id: UUID) -> Voucher:
    return await session.get_one(Voucher, voucher_id)


async def accept_twice(till: Till, api: Client) -> list[list[str]]:
    """Let two users accept one code at once, and return the refusals of each."""
    gift = await give(till, api, await till.claim(api))
    users = [await till.world.user() for _ in range(2)]
    return sorted(
        await asyncio.gather(
            *(
                api.signed_in(user).refusal_codes("acceptGift", accepting(code=gift["code"]))
                for user in users
            )
        ),
        key=len,
    )


async def reverse_twice(till: Till, api: Client) -> list[list[str]]:
    _, redemption_id = await redeemed(till, api)
    manager = api.signed_in(await till.manager())
    return sorted(
        await asyncio.gather(
            *(manager.refusal_codes("reverseRedemption", undo(redemption_id)) for _ in range(2))
        ),
        key=len,
    )


async def test_of_two_who_accept_at_once_one_does(world: World, api: Client) -> None:
    for _ in range(3):
        won, lost = await accept_twice(await Till.open(world), api)
        assert won == []
        assert lost in (["GIFT_STATE"], ["NOT_FOUND"])
    await check_invariants(world.database)


async def test_without_the_locks_both_accept(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each reads the voucher and the gift before the other has changed them."""
    meeting = Meeting()

    async def read_gift(session: AsyncSession, gift_id: UUID) -> VoucherGift:
        gift = await session.get_one(VoucherGift, gift_id)
        await meeting.arrive()
        return gift

    async def notify_none(session: AsyncSession, gift: VoucherGift) -> None:
        """Two notices of one gift would be refused by their own constraint."""

    monkeypatch.setattr(receiving, "_notify_giver", notify_none)
    monkeypatch.setattr(receiving, "revoke_codes", lambda *_: None)
    monkeypatch.setattr(receiving, "lock_offer", read_offer)
    monkeypatch.setattr(receiving, "lock_voucher", read_voucher)
    monkeypatch.setattr(receiving, "lock_gift", read_gift)
    assert await accept_twice(await Till.open(world), api) == [[], []]


async def test_a_typed_code_ends_with_a_gift_that_is_accepted_meanwhile(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The till has found the voucher by its code, and not locked it yet."""
    till = await Till.open(world)
    voucher = await till.claim(api)
    gift = await give(till, api, voucher)
    receiver = api.signed_in(await world.user())
    find_rotation = redeem._find_rotation

    async def accept_first(*given: Any) -> RotationMode:
        assert await receiver.refusal_codes("acceptGift", accepting(code=gift["code"])) == []
        return await find_rotation(*given)

    monkeypatch.setattr(redeem, "_find_rotation", accept_first)
    made = await till.redeem(api, code=voucher.code)
    assert (made["outcome"], made["reason"]) == ("REFUSED", "UNKNOWN")
    monkeypatch.undo()
    (attempt,) = await till.attempts()
    assert attempt.voucher_id is None
    new = await world.fresh(voucher)
    assert (await till.redeem(api, code=new.code))["outcome"] == "APPROVED"
    await check_invariants(world.database)


async def test_of_two_reversals_at_once_one_is_refused(world: World, api: Client) -> None:
    for _ in range(3):
        assert await reverse_twice(await Till.open(world), api) == [[], ["NOT_REVERSIBLE"]]
    await check_invariants(world.database)


async def test_without_the_locks_both_reverse(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The control: each reads the attempt before the other has changed it."""
    meeting = Meeting()

    def unlocked(rows: Any) -> Any:
        return rows

    async def read_last(session: AsyncSession, voucher_id: UUID) -> Voucher:
        voucher = await session.get_one(Voucher, voucher_id)
        await meeting.arrive()
        return voucher

    monkeypatch.setattr(reversals, "lock_offer", read_offer)
    monkeypatch.setattr(reversals, "lock_voucher", read_last)
    monkeypatch.setattr(reversals, "for_change", unlocked)
    await drop("notification_user_id_kind_subject_id_up_to_sequence_key")
    assert await reverse_twice(await Till.open(world), api) == [[], []]
