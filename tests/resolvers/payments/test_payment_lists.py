"""The lists of all payments and refunds: filters, order, what rows lead to, and wrong users."""

from typing import Any

import pytest

from core.clock import now
from models.payments.payments import Payment, PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundPartState, RefundReason, RefundState
from models.payouts.reconciliation import MatchState, ProviderTransaction, TransactionKind
from tests.client import Client, gid
from tests.factories.orders import PlacedOrder
from tests.factories.world import World
from tests.resolvers.counting import statements

AMOUNT = "{ amountMinor currency }"
PAYMENTS = f"""query ($where: PaymentWhere, $order: TimeOrder! = NEWEST) {{
  payments(where: $where, orderBy: $order) {{ totalCount nodes {{ id paymentProvider paymentStatus
    reference amount {AMOUNT} captured {AMOUNT} refunded {AMOUNT} disputed {AMOUNT}
    providerFee {AMOUNT} order {{ id }} paidPurchase {{ id }} }} }} }}"""
REFUNDS = """query ($where: RefundWhere, $order: TimeOrder! = NEWEST) {
  refunds(where: $where, orderBy: $order) { totalCount nodes { id state reason
    order { id } refundedPurchase { id } amount { amountMinor } parts { partState } } } }"""


async def paid_by_card(world: World, **values: Any) -> tuple[PlacedOrder, Payment]:
    """Return a paid order, whose payment is made one by card."""
    placed = await world.placed_order(await world.user(), [await world.vendor()])
    payment = placed.payments[0]
    given = {"provider": PaymentProvider.STRIPE, "reference": f"pi_{payment.id}"} | values
    for name, value in given.items():
        setattr(payment, name, value)
    await world.save(payment)
    return placed, payment


async def found(client: Client, query: str, field: str, **given: Any) -> list[str]:
    return [one["id"] for one in (await client.ask(query, **given))[field]["nodes"]]


async def test_admins_find_payments(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    placed, card = await paid_by_card(world, disputed=100)
    other = (await world.placed_order(await world.user(), [await world.vendor()])).payments[0]
    line = ProviderTransaction(
        provider=PaymentProvider.STRIPE,
        external_id="txn_1",
        kind=TransactionKind.PAYMENT,
        amount=card.amount,
        fee=3_00,
        net=card.amount - 3_00,
        currency="INR",
        source=card.reference or "",
        happened_at=now(),
        state=MatchState.MATCHED,
        posting=f"pay:{card.id}",
    )
    await world.save(line)
    amount = {"amountMinor": card.amount, "currency": "INR"}
    listed = (await admin.ask(PAYMENTS))["payments"]
    assert listed["totalCount"] == 2
    assert listed["nodes"][1] == {
        "id": gid(card),
        "paymentProvider": "STRIPE",
        "paymentStatus": "SUCCEEDED",
        "reference": card.reference,
        "amount": amount,
        "captured": amount,
        "refunded": amount | {"amountMinor": 0},
        "disputed": amount | {"amountMinor": 100},
        "providerFee": amount | {"amountMinor": 3_00},
        "order": {"id": gid(placed.order)},
        "paidPurchase": None,
    }
    assert listed["nodes"][0]["providerFee"] is None
    assert await found(admin, PAYMENTS, "payments", order="OLDEST") == [gid(card), gid(other)]
    wanted: list[tuple[dict[str, Any], list[Payment]]] = [
        ({"paymentProviders": ["STRIPE"]}, [card]),
        ({"paymentProviders": ["STRIPE", "MANUAL"], "currency": "INR"}, [other, card]),
        ({"paymentStatuses": ["OPEN", "FAILED"]}, []),
        ({"currency": "EUR"}, []),
        ({"reference": card.reference}, [card]),
        ({"hasDispute": True}, [card]),
        ({"hasDispute": False}, [other]),
        ({"begunBefore": "2020-01-01T00:00:00Z"}, []),
        ({"begunFrom": "2020-01-01T00:00:00Z", "paymentStatuses": ["SUCCEEDED"]}, [other, card]),
    ]
    for where, rows in wanted:
        ids = await found(admin, PAYMENTS, "payments", where=where)
        assert ids == [gid(one) for one in rows], where


async def test_the_fee_is_for_admins(world: World, api: Client) -> None:
    buyer = await world.user()
    placed = await world.placed_order(buyer, [await world.vendor()])
    query = """query ($id: ID!) { node(id: $id) { ... on Payment {
      captured { amountMinor } providerFee { amountMinor } order { id } } } }"""
    seen = (await api.signed_in(buyer).ask(query, id=gid(placed.payments[0])))["node"]
    assert seen == {
        "captured": {"amountMinor": placed.order.total},
        "providerFee": None,
        "order": {"id": gid(placed.order)},
    }


async def refund(world: World, payment: Payment, **values: Any) -> Refund:
    """Return a refund of 1.00 with its part."""
    given: dict[str, Any] = {"reason": RefundReason.GOODWILL, "amount": 1_00} | values
    one = Refund(order_id=payment.order_id, **given)
    state: dict[str, Any] = (
        {"part_state": RefundPartState.SETTLED, "settled_at": now()}
        if one.state is RefundState.SETTLED
        else {}
    )
    part = RefundPart(
        refund_id=one.id, payment_id=payment.id, provider=payment.provider, amount=1_00, **state
    )
    await world.save(one, part)
    return one


async def test_admins_find_refunds_that_wait_for_a_transfer(world: World, api: Client) -> None:
    admin = api.signed_in(await world.admin())
    placed = await world.placed_order(await world.user(), [await world.vendor()])
    by_hand = await refund(world, placed.payments[0])
    done = await refund(world, placed.payments[0], state=RefundState.SETTLED)
    _, card = await paid_by_card(world)
    by_card = await refund(world, card, reason=RefundReason.RETURNED, state=RefundState.SETTLING)
    listed = (await admin.ask(REFUNDS, where={"awaitsTransfer": True}))["refunds"]
    assert listed == {
        "totalCount": 1,
        "nodes": [
            {
                "id": gid(by_hand),
                "state": "GRANTED",
                "reason": "GOODWILL",
                "order": {"id": gid(placed.order)},
                "refundedPurchase": None,
                "amount": {"amountMinor": 1_00},
                "parts": [{"partState": "PLANNED"}],
            }
        ],
    }
    oldest = [gid(one) for one in (by_hand, done, by_card)]
    assert await found(admin, REFUNDS, "refunds", order="OLDEST") == oldest
    wanted: list[tuple[dict[str, Any], list[Refund]]] = [
        ({}, [by_card, done, by_hand]),
        ({"awaitsTransfer": False}, [by_card, done]),
        ({"refundStates": ["SETTLED", "SETTLING"]}, [by_card, done]),
        ({"refundReasons": ["RETURNED"]}, [by_card]),
        ({"grantedBefore": "2020-01-01T00:00:00Z"}, []),
        ({"grantedFrom": "2020-01-01T00:00:00Z", "refundStates": ["GRANTED"]}, [by_hand]),
    ]
    for where, rows in wanted:
        ids = await found(admin, REFUNDS, "refunds", where=where)
        assert ids == [gid(one) for one in rows], where


@pytest.mark.parametrize("query", [PAYMENTS, REFUNDS])
async def test_the_lists_are_for_admins(world: World, api: Client, query: str) -> None:
    buyer, owner = await world.user(), await world.user()
    await world.placed_order(buyer, [await world.vendor(owner)])
    assert await api.failed(query) == ["UNAUTHENTICATED"]
    for user in (buyer, owner, await world.user()):
        assert await api.signed_in(user).failed(query) == ["FORBIDDEN"]


async def test_a_longer_list_of_payments_takes_no_more_statements(
    world: World, api: Client
) -> None:
    admin = api.signed_in(await world.admin())
    await paid_by_card(world)
    await admin.ask(PAYMENTS)  # which reads the session once
    few = len(await statements(admin, PAYMENTS))
    for _ in range(3):
        await paid_by_card(world)
    assert len(await statements(admin, PAYMENTS)) == few
