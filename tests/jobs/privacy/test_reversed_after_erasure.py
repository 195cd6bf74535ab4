"""Reversals of redemptions whose holder has erased their account: no copy can be redeemed."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from core.clock import now
from jobs.context import WorkerContext
from jobs.privacy.erasures import Eraser
from models.privacy import AccountDeletion
from models.redemptions import Voucher, VoucherState
from models.scanners import VoucherRevocation
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.offers.ruled import set_rules
from tests.resolvers.redemptions.offline import Gadget
from tests.resolvers.redemptions.test_reverse_redemption import REVERSED, redeemed, undo


async def reverse(till: Till, api: Client, redemption_id: str) -> Any:
    client = api.signed_in(await till.manager())
    answer = await client.do("reverseRedemption", undo(redemption_id), REVERSED)
    assert answer["errors"] == []
    return answer["redemption"]


async def ends_of_codes(till: Till, voucher: Voucher) -> list[str]:
    rows = select(VoucherRevocation.kind).where(VoucherRevocation.voucher_id == voucher.id)
    async with till.world.database.session() as session:
        return [*(await session.exec(rows)).all()]


async def test_a_voucher_of_an_erased_account_is_cancelled(
    world: World, api: Client, worker_context: WorkerContext
) -> None:
    till = await Till.open(world)
    gadget = await Gadget.register(till, api)
    voucher, redemption_id = await redeemed(till, api)
    eraser = Eraser(worker_context.transactions.begin, worker_context.objects)
    await eraser.erase(till.customer.id, now())
    await reverse(till, api, redemption_id)
    kept = await world.fresh(voucher)
    assert (kept.state, kept.redeemed_at) == (VoucherState.CANCELLED, None)
    assert (await world.fresh(till.offer)).claimed == 0
    assert await ends_of_codes(till, voucher) == ["CANCELLED"]
    copy = world.keys.sign_voucher(voucher.id, voucher.generation, voucher.offer_id)
    assert (await till.redeem(api, token=copy))["reason"] == "CANCELLED"
    (late,) = await gadget.sync(gadget.scan(voucher, token=copy))
    assert (late["outcome"], late["reason"]) == ("DOUBLE", "CANCELLED")
    await check_invariants(world.database)


async def test_a_voucher_is_cancelled_while_the_erasure_goes_on(world: World, api: Client) -> None:
    """Its step that cancels vouchers has passed, and the account is not blank yet."""
    till = await Till.open(world)
    voucher, redemption_id = await redeemed(till, api)
    at = now()
    due = AccountDeletion(user_id=till.customer.id, created_at=at - timedelta(1), due_at=at)
    await world.save(due)
    await reverse(till, api, redemption_id)
    assert (await world.fresh(voucher)).state is VoucherState.CANCELLED
    await check_invariants(world.database)


async def test_a_voucher_is_usable_before_the_deletion_is_due(world: World, api: Client) -> None:
    till = await Till.open(world)
    voucher, redemption_id = await redeemed(till, api)
    at = now()
    later = AccountDeletion(user_id=till.customer.id, created_at=at, due_at=at + timedelta(1))
    await world.save(later)
    await reverse(till, api, redemption_id)
    assert (await world.fresh(voucher)).state is VoucherState.CLAIMED


async def test_a_voucher_with_other_uses_is_not_usable_again(
    world: World, api: Client, worker_context: WorkerContext
) -> None:
    till = await Till.open(world)
    await set_rules(api, till, maximumUses=2)
    voucher = await till.claim(api)
    answers = [await till.redeem(api, token=voucher.token) for _ in range(2)]
    eraser = Eraser(worker_context.transactions.begin, worker_context.objects)
    await eraser.erase(till.customer.id, now())
    await reverse(till, api, answers[0]["redemption"]["id"])
    assert (await world.fresh(voucher)).state is VoucherState.EXPIRED
    await reverse(till, api, answers[1]["redemption"]["id"])
    assert (await world.fresh(voucher)).state is VoucherState.CANCELLED
    await check_invariants(world.database)
