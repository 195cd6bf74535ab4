"""Disputes: they hold money, and change no order. Vendors answer, then admins, then the clock."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import update

from core.clock import now
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.payments.disputes import MAX_EVIDENCE, MAX_EVIDENCES, DisputeState
from models.payments.refunds import RefundState
from services.disputes.deadlines import follow_deadlines
from services.disputes.polling import poll_disputes
from services.payouts.releasing import release_ended
from tests.client import gid
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.factories.payouts import POLICY
from tests.invariants import check_invariants
from tests.jobs.payments.disputes.disputing import Disputed
from tests.jobs.payments.refunding import CardSale

NO_RESERVE = replace(POLICY, new_days=0)
FEE = 1500
LIST = """query Q($vendor: ID!) { disputes(where: {vendorId: $vendor}) { totalCount nodes {
    id disputeState isAnswerable disputedAmount { amountMinor } payment { id }
    shares { amount { amountMinor } atStake { amountMinor } suborder { vendor { id } } }
    evidence { explanation vendor { id } }
} } }"""
TIMELINE = "query Q($id: ID!) { order(id: $id) { timeline { kind } } }"


async def test_a_dispute_holds_the_money_and_changes_no_order(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    goods, before = await sale.goods(), await sale.balances()
    dispute = await sale.dispute()
    assert dispute.dispute_state is DisputeState.NEEDS_RESPONSE
    assert (dispute.amount, dispute.held, dispute.fee) == (2 * PRICE, 2 * PRICE, FEE)
    assert await sale.disputed() == (2 * PRICE, [PRICE, PRICE])
    after = await sale.balances()
    assert after["DISPUTED"] == -2 * PRICE
    assert after["V_RESERVE"] == before["V_PENDING"]
    assert "V_PENDING" not in after
    assert after["DISPUTE_FEES"] == -FEE
    assert after["PROVIDER"] == before["PROVIDER"] + 2 * PRICE + FEE
    for _ in range(2):  # the same webhook event a second time, and the poller
        shop.stand_in.act("resend_event", id=next(iter(shop.stand_in.objects("event"))))
        await shop.webhooks()
        await poll_disputes(shop.worker.transactions.begin, shop.worker.payments)
    assert await sale.balances() == after
    assert await sale.goods() == goods
    seen = await sale.buyer.client.ask(TIMELINE, id=gid(await sale.buyer.order()))
    assert str(seen).count("'DISPUTED'") == 2
    await check_invariants(shop.world.database)


async def test_a_dispute_that_is_won_gives_everything_back(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    goods, before = await sale.goods(), await sale.balances()
    await sale.dispute()
    won = await sale.end("win_dispute")
    assert won.dispute_state is DisputeState.WON
    assert won.ended_at
    fees = {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + FEE}
    assert await sale.balances() == before | fees
    assert await sale.disputed() == (0, [0, 0])
    assert await sale.goods() == goods
    given = {"orderId": gid(await sale.buyer.order()), "idempotencyKey": "one"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", given) == []
    await check_invariants(shop.world.database)


async def test_a_dispute_that_is_lost_is_paid_by_the_vendors(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    goods, before = await sale.goods(), await sale.balances()
    await sale.dispute()
    lost = await sale.end("lose_dispute")
    assert lost.dispute_state is DisputeState.LOST
    balances = await sale.balances()
    assert balances == {
        "DISPUTE_FEES": -FEE,
        "PROVIDER": before["PROVIDER"] + 2 * PRICE + FEE,
    }
    assert await sale.disputed() == (2 * PRICE, [PRICE, PRICE])
    assert await sale.goods() == goods
    given = {"orderId": gid(await sale.buyer.order()), "idempotencyKey": "one"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", given) == ["PAYMENT_DISPUTED"]
    notices = await sale.sellers[0].ask("{ viewer { notifications { nodes { kind } } } }")
    assert {"DISPUTE_OPENED", "DISPUTE_ENDED"} <= {
        one["kind"] for one in notices["viewer"]["notifications"]["nodes"]
    }
    await check_invariants(shop.world.database)


async def test_a_lost_dispute_brings_the_commission_back(shop: PayingShop) -> None:
    await shop.world.commission(shop.stall.vendor, 1_000, admin=await shop.world.admin())
    sale = await Disputed.make(shop, vendors=1)
    before = await sale.balances()
    commission = before["COMMISSION"]
    assert commission > 0
    await sale.dispute()
    held = await sale.balances()
    assert held["V_RESERVE"] == before["V_PENDING"] == PRICE - commission
    assert held["COMMISSION"] == commission
    await sale.end("lose_dispute")
    after = await sale.balances()
    assert after == {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + PRICE + FEE}
    await check_invariants(shop.world.database)


async def test_a_dispute_takes_what_a_returned_part_has_left_from_what_was_released(
    shop: PayingShop,
) -> None:
    sale = await Disputed.make(shop, vendors=1)
    async with shop.world.database.session() as session, session.begin():
        ended = {"state": SubOrderState.RETURNED, "ended_at": now()}
        await session.execute(update(SubOrder).values(**ended))
    await release_ended(shop.worker.transactions.begin, NO_RESERVE)
    before = await sale.balances()
    assert before["V_AVAILABLE"] == PRICE
    await sale.dispute()
    held = await sale.balances()
    assert (held["V_RESERVE"], "V_AVAILABLE" in held, "V_PENDING" in held) == (PRICE, False, False)
    await sale.end("win_dispute")
    fees = {"DISPUTE_FEES": -FEE, "PROVIDER": before["PROVIDER"] + FEE}
    assert await sale.balances() == before | fees


async def test_nothing_is_refunded_while_a_bank_has_the_money(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    await sale.dispute(amount=1_000)  # the rest would be left
    order, (part,) = await sale.buyer.order(), await sale.parts()
    cancel = {"orderId": gid(order), "idempotencyKey": "one"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", cancel) == ["PAYMENT_DISPUTED"]
    grant = {
        "suborderId": gid(part),
        "amountMinor": 10,
        "reason": "Sorry",
        "idempotencyKey": "one",
    }
    assert await sale.sellers[0].refusal_codes("grantRefund", grant) == ["PAYMENT_DISPUTED"]
    admin = await sale.admin()
    grant = {"orderId": gid(order), "amountMinor": 10, "reason": "Sorry", "idempotencyKey": "two"}
    assert await admin.refusal_codes("grantOrderRefund", grant) == ["PAYMENT_DISPUTED"]
    await sale.end("win_dispute")
    assert await admin.refusal_codes("grantOrderRefund", grant) == []
    await check_invariants(shop.world.database)


async def test_an_inquiry_takes_no_money_and_a_refund_is_possible(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    before = await sale.balances()
    asked = await sale.dispute(inquiry=True)
    assert (asked.dispute_state, asked.taken_at) == (DisputeState.WARNING, None)
    assert await sale.balances() == before
    assert await sale.disputed() == (0, [0])
    order, (part,) = await sale.buyer.order(), await sale.parts()
    grant = {"orderId": gid(order), "amountMinor": 1_000, "reason": "-", "idempotencyKey": "one"}
    assert await (await sale.admin()).refusal_codes("grantOrderRefund", grant) == []
    await shop.work()
    escalated = await sale.end("escalate_dispute")
    assert escalated.dispute_state is DisputeState.NEEDS_RESPONSE
    assert escalated.held == PRICE - 1_000  # the rest went back before
    assert await sale.disputed() == (PRICE - 1_000, [PRICE - 1_000])
    lost = await sale.end("lose_dispute")
    assert lost.dispute_state is DisputeState.LOST
    assert (await sale.balances())["LOSSES"] == -2_000  # the goodwill, and what is paid twice
    assert part.id
    await check_invariants(shop.world.database)


async def test_vendors_see_their_share_and_answer_for_themselves(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    dispute = await sale.dispute()
    first, second = sale.sellers
    for seller, stall in zip(sale.sellers, sale.stalls, strict=True):
        listed = (await seller.ask(LIST, vendor=gid(stall.vendor)))["disputes"]["nodes"]
        assert listed == [
            {
                "id": gid(dispute),
                "disputeState": "NEEDS_RESPONSE",
                "isAnswerable": True,
                "disputedAmount": None,
                "payment": None,
                "shares": [
                    {
                        "amount": {"amountMinor": PRICE},
                        "atStake": {"amountMinor": PRICE},
                        "suborder": {"vendor": {"id": gid(stall.vendor)}},
                    }
                ],
                "evidence": [],
            }
        ]
    other = await first.ask(LIST, vendor=gid(sale.stalls[1].vendor))
    assert other["disputes"]["nodes"] == []
    stranger = shop.api.signed_in(await shop.world.user())
    given = sale.answer(dispute)
    assert await shop.api.mutation_failed("answerDispute", given) == ["UNAUTHENTICATED"]
    for client in (stranger, sale.buyer.client):
        assert await client.refusal_codes("answerDispute", given) == ["NOT_FOUND"]
        assert (await client.ask(LIST, vendor=gid(shop.stall.vendor)))["disputes"]["nodes"] == []
        assert await client.failed("{ disputes { nodes { id } } }") == ["FORBIDDEN"]
    mine = sale.answer(dispute, explanation="Signed by the buyer.", carrier="India Post")
    for _ in range(2):
        assert await first.refusal_codes("answerDispute", mine) == []
    await shop.work()
    assert sale.at_bank()["status"] == "needs_response"  # the other vendor can still answer
    assert await second.refusal_codes("answerDispute", sale.answer(dispute)) == []
    await shop.work()
    evidence = sale.at_bank()["evidence"]
    assert "Signed by the buyer." in evidence["uncategorized_text"]
    assert "It was delivered." in evidence["uncategorized_text"]
    assert evidence["shipping_carrier"] == "India Post"
    assert sale.at_bank()["evidence_details"]["submission_count"] == 1
    await shop.webhooks()
    answered = await sale.row()
    assert answered.answered_at
    assert answered.dispute_state is DisputeState.UNDER_REVIEW
    late = sale.answer(dispute)
    assert await first.refusal_codes("answerDispute", late) == ["DISPUTE_CLOSED"]
    (seen,) = (await second.ask(LIST, vendor=gid(sale.stalls[1].vendor)))["disputes"]["nodes"]
    assert [one["explanation"] for one in seen["evidence"]] == ["It was delivered."]
    await check_invariants(shop.world.database)


async def test_answers_at_once_are_sent_to_the_bank_once(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    dispute = await sale.dispute()
    shop.stand_in.control(path="/v1/disputes", lose=2)
    admin = await sale.admin()
    clients = (*sale.sellers, admin, admin)
    codes = await asyncio.gather(
        *(one.refusal_codes("answerDispute", sale.answer(dispute)) for one in clients)
    )
    assert [] in codes
    for _ in range(3):
        await shop.run_all()
    assert sale.at_bank()["evidence_details"]["submission_count"] >= 1
    assert (await sale.row()).answered_at
    assert (await sale.row()).dispute_state is DisputeState.UNDER_REVIEW


async def test_what_one_vendor_gives_leaves_the_others_their_room(shop: PayingShop) -> None:
    """The bank refuses evidence that is too long, and the vendors would bear the dispute."""
    sale = await Disputed.make(shop)
    dispute = await sale.dispute()
    first, second = sale.sellers
    for _ in range(MAX_EVIDENCES):
        long = sale.answer(dispute, explanation="a" * MAX_EVIDENCE)
        assert await first.refusal_codes("answerDispute", long) == []
    codes = await first.refusal_codes("answerDispute", sale.answer(dispute))
    assert codes == ["DISPUTE_CLOSED"]
    last = sale.answer(dispute, explanation="b" * MAX_EVIDENCE)
    assert await second.refusal_codes("answerDispute", last) == []
    await shop.webhooks()
    assert (await sale.row()).dispute_state is DisputeState.UNDER_REVIEW
    sent = sale.at_bank()["evidence"]["uncategorized_text"]
    assert sent.endswith("b" * MAX_EVIDENCE)
    await check_invariants(shop.world.database)


async def set_due(sale: Disputed, hours: float) -> None:
    at = text("UPDATE dispute SET due_at = :at")
    async with sale.shop.world.database.session() as session, session.begin():
        await session.execute(at, {"at": now() + timedelta(hours=hours)})


async def test_deadlines_remind_the_vendors_then_the_admins_and_send_in_the_end(
    shop: PayingShop,
) -> None:
    sale = await Disputed.make(shop)
    admin = await sale.admin()
    dispute = await sale.dispute()
    first, second = sale.sellers
    begin = shop.worker.transactions.begin

    async def notices(client: Any) -> str:
        return str(await client.ask("{ viewer { notifications { nodes { kind } } } }"))

    assert not await follow_deadlines(begin)
    assert "DISPUTE_DUE" not in await notices(second)
    await set_due(sale, 71)
    assert await first.refusal_codes("answerDispute", sale.answer(dispute)) == []
    for _ in range(2):
        await follow_deadlines(begin)
    assert (await notices(second)).count("DISPUTE_DUE") == 1
    assert "DISPUTE_DUE" not in await notices(first)  # who has answered
    await set_due(sale, 47)
    for _ in range(2):
        await follow_deadlines(begin)
    assert (await notices(admin)).count("DISPUTE_NEEDS_ADMIN") == 1
    assert await second.refusal_codes("answerDispute", sale.answer(dispute)) == ["DISPUTE_CLOSED"]
    assert (await sale.row()).sending_at is None
    await set_due(sale, 5)
    for _ in range(2):
        await follow_deadlines(begin)
    await shop.work()
    assert sale.at_bank()["evidence_details"]["submission_count"] == 1
    assert await admin.refusal_codes("answerDispute", sale.answer(dispute)) == ["DISPUTE_CLOSED"]


async def test_an_admin_answers_at_once(shop: PayingShop) -> None:
    sale = await Disputed.make(shop)
    dispute = await sale.dispute()
    await set_due(sale, 47)
    admin = await sale.admin()
    winning = sale.answer(dispute, explanation="winning_evidence")
    assert await admin.refusal_codes("answerDispute", winning) == []
    await shop.work()
    await shop.webhooks()
    assert (await sale.row()).dispute_state is DisputeState.WON
    listed = await admin.ask("{ disputes(where: {states: [WON]}) { nodes { id disputedAmount"
                             " { amountMinor } payment { id } } } }")  # fmt: skip
    assert listed["disputes"]["nodes"] == [
        {
            "id": gid(dispute),
            "disputedAmount": {"amountMinor": 2 * PRICE},
            "payment": {"id": gid(sale.payment)},
        }
    ]


async def test_a_charge_that_was_refunded_before_is_answered_with_that(shop: PayingShop) -> None:
    sale = await Disputed.make(shop, vendors=1)
    cancel = {"orderId": gid(await sale.buyer.order()), "idempotencyKey": "one"}
    assert await sale.buyer.client.refusal_codes("cancelOrder", cancel) == []
    await shop.work()
    goods = await sale.goods()
    dispute = await sale.dispute()
    assert (dispute.held, await sale.disputed()) == (0, (0, [0]))
    await shop.work()
    (refund,) = CardSale(shop, sale.buyer, sale.payment).sent()
    assert refund["id"] in sale.at_bank()["evidence"]["uncategorized_text"]
    assert sale.at_bank()["status"] == "under_review"
    await sale.end("lose_dispute")
    assert (await sale.balances())["LOSSES"] == -PRICE  # the vendor has given it back before
    assert await sale.goods() == goods
    await check_invariants(shop.world.database)


async def test_a_lost_dispute_pays_what_a_stuck_refund_was_for(shop: PayingShop) -> None:
    """The bank disputes before the refund is sent: the buyer must not get the money twice."""
    shop.stand_in.control(webhooks={"drop": 100})
    sale = await Disputed.make(shop, vendors=1)
    sale.reference = shop.stand_in.act("dispute", id=sale.payment.reference)["id"]
    refunded = CardSale(shop, sale.buyer, sale.payment)
    await refunded.cancel()
    await shop.work()
    part = await refunded.part()
    assert part.error == "charge_disputed"
    shop.stand_in.control(reset=True)
    await sale.end("lose_dispute")
    assert (await refunded.refund()).state is RefundState.SETTLED
    accepting = refunded.accepting(part)
    assert await sale.buyer.client.refusal_codes("acceptRefundToWallet", accepting) == [
        "REFUND_SETTLED"
    ]
    balances = await sale.balances()
    assert not {"LOSSES", "REFUND_DUE", "DISPUTED"} & balances.keys()
    await check_invariants(shop.world.database)


async def test_a_dispute_of_no_payment_of_ours_is_unmatched(shop: PayingShop) -> None:
    made = shop.stand_in.call(
        "/v1/payment_intents",
        amount="1000",
        currency="inr",
        confirm="true",
        payment_method="pm_card_createDispute",
    )
    assert made["status"] == "succeeded"
    await shop.webhooks()
    events = "{ webhookEvents(where: {webhookStates: [UNMATCHED]}) { nodes { objectReference } } }"
    admin = shop.api.signed_in(await shop.world.admin())
    assert "dp_" in str(await admin.ask(events))
