"""Disputes that banks decide again, and their fees: the ledger follows each line once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.clock import now
from gateways.payments.gateway import ProviderDispute
from models.payments.disputes import DisputeState
from models.payments.refunds import RefundPartState, RefundState
from models.vendors import MemberRole
from services.disputes import applying, rows
from services.disputes.polling import poll_disputes
from services.payouts.releasing import release_ended
from tests.client import gid
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.factories.payouts import POLICY
from tests.factories.vendors import new_member
from tests.invariants import check_invariants
from tests.jobs.payments.disputes.disputing import Disputed
from tests.jobs.payments.refunding import CardSale
from tests.races.meeting import Meeting

FEE = 1500
STATEMENT = """query Q($vendor: ID!, $period: PeriodInput!) {
    vendorStatement(vendorId: $vendor, period: $period) { entries { nodes { aboutId } } }
}"""
RETURNED = text("UPDATE suborder SET state = 'RETURNED', ended_at = now()")


async def test_a_dispute_that_is_won_after_it_was_lost_gives_everything_back(
    shop: PayingShop,
) -> None:
    await shop.world.commission(shop.stall.vendor, 1_000, admin=await shop.world.admin())
    sale = await Disputed.make(shop)
    goods, before = await sale.goods(), await sale.balances()
    await sale.dispute()
    await sale.end("lose_dispute")
    won = await sale.end("reinstate_dispute", fee_back=FEE)
    assert (won.dispute_state, won.fee) == (DisputeState.WON, 0)
    assert await sale.balances() == before
    assert await sale.disputed() == (0, [0, 0])
    for id, event in shop.stand_in.objects("event").items():  # all webhooks once more
        if event["data"]["object"]["id"] == sale.reference:
            shop.stand_in.act("resend_event", id=id)
    await shop.webhooks()
    await poll_disputes(shop.worker.transactions.begin, shop.worker.payments)
    assert await sale.balances() == before
    assert await sale.goods() == goods
    kinds = "{ viewer { notifications { nodes { kind } } } }"
    assert str(await sale.sellers[0].ask(kinds)).count("DISPUTE_ENDED") == 2
    cancel = {"orderId": gid(await sale.buyer.order()), "idempotencyKey": "one"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", cancel) == []
    await check_invariants(shop.world.database)


@pytest.mark.parametrize("order", [(0, 2, 1), (2, 1, 0, 2), (1, 2, 0, 1), (2, 2, 1)])
async def test_answers_of_the_provider_come_in_any_order(
    shop: PayingShop, order: Sequence[int]
) -> None:
    shop.stand_in.control(webhooks={"drop": 100})
    sale, before, seen = await _decided_twice(shop)
    for number in order:
        await sale.apply(seen[number])
    assert (await sale.row()).dispute_state is DisputeState.WON
    assert await sale.balances() == before | {
        "DISPUTE_FEES": -FEE,
        "PROVIDER": before["PROVIDER"] + FEE,
    }
    await check_invariants(shop.world.database)


async def test_without_the_guard_an_older_answer_takes_the_money_again(
    shop: PayingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    shop.stand_in.control(webhooks={"drop": 100})
    sale, before, seen = await _decided_twice(shop)
    monkeypatch.setattr("services.disputes.applying.is_older", lambda *_: False)
    monkeypatch.setattr(DisputeState, "can_become", lambda *_, **__: True)
    for number in (0, 2, 1):
        await sale.apply(seen[number])
    assert (await sale.balances()).get("V_PENDING", 0) < before["V_PENDING"]


async def test_one_answer_is_applied_once_by_many_at_the_same_time(shop: PayingShop) -> None:
    shop.stand_in.control(webhooks={"drop": 100})
    sale, before, seen = await _decided_twice(shop)
    for answer in seen:
        await asyncio.gather(*(sale.apply(answer) for _ in range(4)))
    after = await sale.balances()
    assert after["V_PENDING"] == before["V_PENDING"]
    assert after["PROVIDER"] == before["PROVIDER"] + FEE
    await check_invariants(shop.world.database)


async def test_without_locks_answers_at_the_same_time_collide(
    shop: PayingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: only the constraint is left, which fails one of them."""
    shop.stand_in.control(webhooks={"drop": 100})
    sale, _, seen = await _decided_twice(shop)
    for module in ("disputes.rows", "orders.access", "orders.parts"):
        monkeypatch.setattr(f"services.{module}.for_change", lambda statement: statement)
    reading = Meeting().after(rows.lock_dispute)
    monkeypatch.setattr(applying, "lock_dispute", reading)
    twice = (sale.apply(seen[2]) for _ in range(2))
    done = await asyncio.gather(*twice, return_exceptions=True)
    assert [one for one in done if isinstance(one, IntegrityError)]


async def test_a_part_that_was_released_meanwhile_gets_its_share(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    await sale.end("lose_dispute")
    async with shop.world.database.session() as session, session.begin():
        await session.execute(RETURNED)
    await release_ended(shop.worker.transactions.begin, replace(POLICY, new_days=0))
    assert not {"V_PENDING", "V_AVAILABLE", "V_RESERVE"} & (await sale.balances()).keys()
    await sale.end("reinstate_dispute")
    balances = await sale.balances()
    assert balances["V_AVAILABLE"] == PRICE
    assert not {"V_PENDING", "V_RESERVE", "DISPUTED", "LOSSES"} & balances.keys()
    await check_invariants(shop.world.database)


async def test_arbitration_takes_the_money_of_a_won_dispute_again(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    before = await sale.balances()
    await sale.dispute()
    await sale.end("win_dispute")
    lost = await sale.end("lose_dispute_again")
    assert (lost.dispute_state, lost.turns) == (DisputeState.LOST, 2)
    taken = {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + 2 * PRICE + FEE}
    assert await sale.balances() == taken
    assert await sale.disputed() == (2 * PRICE, [PRICE, PRICE])
    await check_invariants(shop.world.database)
    await _read_as_vendor(sale)
    won = await sale.end("reinstate_dispute")
    assert won.dispute_state is DisputeState.WON
    fees = {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + FEE}
    assert await sale.balances() == before | fees
    await check_invariants(shop.world.database)


async def test_fees_are_taken_late_and_come_back(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute()
    charged = await sale.end("charge_dispute_fee", fee=2_000)
    assert charged.fee == FEE + 2_000
    assert (await sale.balances())["DISPUTE_FEES"] == -FEE - 2_000
    won = await sale.end("win_dispute", fee_back=2_000)
    assert won.fee == FEE
    late = await sale.end("charge_dispute_fee", fee=-FEE)
    assert (late.dispute_state, late.fee) == (DisputeState.WON, 0)
    assert "DISPUTE_FEES" not in await sale.balances()
    await check_invariants(shop.world.database)


async def test_money_of_a_lost_dispute_that_comes_back_is_the_platforms(shop: PayingShop) -> None:
    """Of a payment that was refunded in part before, banks return that part."""
    sale = await Disputed.make(shop, vendors=1)
    grant = {
        "orderId": gid(await sale.buyer.order()),
        "amountMinor": 1_000,
        "reason": "-",
        "idempotencyKey": "one",
    }
    assert await (await sale.admin()).refusal_codes("grantOrderRefund", grant) == []
    await shop.work()
    before = await sale.balances()
    await sale.dispute(amount=PRICE)
    await sale.end("lose_dispute")
    assert (await sale.balances())["LOSSES"] == -2_000  # the goodwill, and what is paid twice
    stays = await sale.end("reinstate_dispute", amount=1_000, status="lost")
    assert (stays.dispute_state, stays.kept) == (DisputeState.LOST, 1_000)
    assert (await sale.balances())["LOSSES"] == -1_000
    await check_invariants(shop.world.database)
    won = await sale.end("reinstate_dispute", amount=PRICE - 1_000, status="lost")
    assert won.dispute_state is DisputeState.WON  # all of it is back
    fees = {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + FEE}
    assert await sale.balances() == before | fees
    await check_invariants(shop.world.database)


async def test_a_refund_that_the_dispute_had_settled_is_due_again(shop: PayingShop) -> None:
    shop.stand_in.control(webhooks={"drop": 100})
    sale = await Disputed.make(shop, vendors=1)
    sale.reference = shop.stand_in.act("dispute", id=sale.payment.reference)["id"]
    refunded = CardSale(shop, sale.buyer, sale.payment)
    await refunded.cancel()
    await shop.work()
    shop.stand_in.control(reset=True)
    await sale.end("lose_dispute")
    assert (await refunded.refund()).state is RefundState.SETTLED
    await sale.end("reinstate_dispute")
    assert (await refunded.refund()).state is RefundState.STUCK
    assert (await sale.balances())["REFUND_DUE"] == PRICE
    part = (await refunded.parts())[-1]
    assert (part.part_state, part.error) == (RefundPartState.FAILED, "dispute_won")
    await check_invariants(shop.world.database)
    accepting = refunded.accepting(part)
    assert await sale.buyer.client.refusal_codes("acceptRefundToWallet", accepting) == []
    balances = await sale.balances()
    assert (balances["WALLET"], "REFUND_DUE" in balances) == (PRICE, False)
    await check_invariants(shop.world.database)


async def _decided_twice(
    shop: PayingShop,
) -> tuple[Disputed, dict[str, int], list[ProviderDispute]]:
    """Return a sale, its balances before, and all answers about a dispute that is won at last."""
    sale = await Disputed.make(shop, vendors=1)
    before = await sale.balances()
    sale.reference = shop.stand_in.act("dispute", id=sale.payment.reference)["id"]
    seen = [await sale.seen()]
    for action in ("lose_dispute", "reinstate_dispute"):
        shop.stand_in.act(action, id=sale.reference)
        seen.append(await sale.seen())
    return sale, before, seen


async def _read_as_vendor(sale: Disputed) -> None:
    """Read the entries of the shop's statement: postings with numbers are about the dispute too."""
    vendor, dispute = sale.stalls[0].vendor, await sale.row()
    owner = sale.shop.api.signed_in(await new_member(sale.shop.world, vendor, MemberRole.OWNER))
    days = {
        "fromDay": str(now().date() - timedelta(days=1)),
        "untilDay": str(now().date() + timedelta(days=1)),
    }
    seen = await owner.ask(STATEMENT, vendor=gid(vendor), period=days)
    about = [one["aboutId"] for one in seen["vendorStatement"]["entries"]["nodes"]]
    assert about.count(gid(dispute)) == 4  # frozen, given back, frozen, lost
