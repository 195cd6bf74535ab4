"""Orders after the payment: accepted, cancelled, delivered, returned and refunded."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from core.statements.inserts import insert_rows
from models.identity.accounts import User
from models.notifications.inbox import Notification
from models.orders.orders import Order, SubOrder
from models.orders.returns import ReturnRequest, ReturnState
from models.orders.states import OrderState, PaymentState, SubOrderState
from models.payments.refunds import RefundState
from models.quotas import QUOTAS, DailyAct
from models.vendors import MemberRole
from services.orders.changes import publish_change
from services.orders.handling import delivering, returns
from services.orders.handling.delivering import release_parts
from services.orders.handling.endings import end_order
from services.orders.handling.returns import expire_returns
from services.transaction import OpenTransaction, Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.payouts import POLICY
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.orders.handling import SoldOrder

PART = "suborder { state returnableUntil amounts { refunded { amountMinor } } }"
RETURN = "returnRequest { id state answer returnedLines { quantity } }"

ACCEPTED_LONG_AGO = text("UPDATE return_request SET accepted_at = accepted_at - interval '31 days'")


async def test_accept_suborder_and_again(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    given = {"suborderId": gid(sale.part)}
    first = await sale.seller.do("acceptSuborder", given, PART)
    assert first["suborder"]["state"] == "PREPARING"
    assert await sale.seller.do("acceptSuborder", given, PART) == first
    query = "query Q($id: ID!) { order(id: $id) { timeline { kind actor suborder { id } } } }"
    (step, _) = (await sale.buyer.ask(query, id=gid(sale.placed.order)))["order"]["timeline"]
    assert step == {"kind": "ACCEPTED", "actor": "VENDOR", "suborder": {"id": gid(sale.part)}}
    notices = await sale.buyer.ask("{ viewer { notifications { nodes { kind } } } }")
    assert "ORDER_ACCEPTED" in str(notices)


async def test_reject_suborder_refunds_it_once_and_the_order_goes_on(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api, lines=2)
    given = {"suborderId": gid(sale.part), "reason": "Sold out", "idempotencyKey": "one"}
    first = await sale.seller.do("rejectSuborder", given, PART)
    assert first["suborder"]["state"] == "CANCELLED"
    assert first["suborder"]["amounts"]["refunded"]["amountMinor"] == sale.part.total
    assert await sale.seller.do("rejectSuborder", given, PART) == first
    again = given | {"idempotencyKey": "two"}
    assert await sale.seller.refusal_codes("rejectSuborder", again) == ["ORDER_STATE"]
    order = await world.fresh(sale.placed.order)
    assert (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PART_REFUNDED)
    for line in sale.placed.lines_of(sale.part):
        assert (await world.stock_of(line)).on_hand == line.quantity + 10
    query = """query Q($id: ID!) { order(id: $id) { refunds {
        reason state amount { amountMinor }
        refundedLines { quantity reason restocked amount { amountMinor } tax { amountMinor } line
        { id } } parts { paymentProvider amount { amountMinor } settledAt }
    } } }"""
    (refund,) = (await sale.buyer.ask(query, id=gid(sale.placed.order)))["order"]["refunds"]
    assert (refund["reason"], refund["state"]) == ("REJECTED", "GRANTED")
    assert [line["quantity"] for line in refund["refundedLines"]] == [2, 2]
    await check_invariants(database)


async def test_cancel_suborder_lines_up_to_those_that_are_open(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api, quantity=3)
    fields = PART + " errors { ... on TooManyUnits { lineId available } }"
    await sale.seller.do("cancelSuborderLines", sale.chosen(2), PART)
    more = await sale.seller.do("cancelSuborderLines", sale.chosen(2, "two"), fields)
    assert more["errors"][0]["code"] == "TOO_MANY_UNITS"
    assert (more["errors"][0]["available"], more["errors"][0]["lineId"]) == (1, gid(sale.line))
    other = sale.chosen(1, "three", lines=sale.units(1, sale.placed.lines[-1]))
    assert await sale.seller.refusal_codes("cancelSuborderLines", other) == ["NOT_FOUND"]
    twice = sale.chosen(1, "four", lines=sale.units(1) * 2)
    assert await sale.seller.refusal_codes("cancelSuborderLines", twice) == ["INVALID_INPUT"]
    for quantity in (0, -1):
        none = sale.chosen(quantity, "five")
        assert await sale.seller.refusal_codes("cancelSuborderLines", none) == ["INVALID_INPUT"]
    last = await sale.seller.do("cancelSuborderLines", sale.chosen(1, "six"), PART)
    assert last["suborder"]["state"] == "CANCELLED"
    await check_invariants(database)


async def test_cancel_order_of_all_that_is_not_shipped(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    await sale.ship(sale.part)
    given = {"orderId": gid(sale.placed.order), "reason": "Changed my mind"}
    first = await sale.buyer.do("cancelOrder", given | {"idempotencyKey": "1"}, "order { state }")
    assert first == {"order": {"state": "CONFIRMED"}, "errors": []}
    parts = [await world.fresh(one) for one in sale.placed.suborders]
    assert [one.state for one in parts] == [SubOrderState.SHIPPED, SubOrderState.CANCELLED]
    again = given | {"idempotencyKey": "2"}
    assert await sale.buyer.refusal_codes("cancelOrder", again) == ["ORDER_STATE"]
    await check_invariants(database)


async def test_members_of_several_vendors_are_notified_in_the_order_of_locks(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two orders of them, cancelled at once, would otherwise wait for each other."""
    sale = await SoldOrder.make(world, api)
    for vendor in (*reversed(sale.vendors), *sale.vendors):
        await new_member(world, vendor, MemberRole.STAFF)
    notified: list[UUID] = []

    async def record(connection: Any, notices: Sequence[Notification]) -> None:
        notified.extend(one.user_id for one in notices)
        await insert_rows(connection, notices)

    monkeypatch.setattr("services.notifications.inbox.insert_rows", record)
    given = {"orderId": gid(sale.placed.order), "idempotencyKey": "1"}
    assert await sale.buyer.refusal_codes("cancelOrder", given) == []
    assert len(notified) == 5
    assert notified == sorted(notified)


async def test_cancel_order_lines_until_nothing_is_left(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    given = {"orderId": gid(sale.placed.order), "reason": "Too many"}
    for number, line in enumerate(sale.placed.lines):
        some = given | {"lines": sale.units(2, line), "idempotencyKey": str(number)}
        assert await sale.buyer.refusal_codes("cancelOrderLines", some) == []
    order = await world.fresh(sale.placed.order)
    assert (order.state, order.payment_state) == (OrderState.CANCELLED, PaymentState.REFUNDED)
    await check_invariants(database)


async def test_an_order_is_delivered_returned_in_part_and_released(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    part = {"suborderId": gid(sale.part)}
    assert await sale.buyer.refusal_codes("confirmDelivery", part) == ["ORDER_STATE"]
    await sale.ship()
    assert (await sale.buyer.do("confirmDelivery", part, PART))["suborder"]["returnableUntil"]
    requested = (await sale.buyer.do("requestReturn", sale.chosen(1), RETURN))["returnRequest"]
    assert (requested["state"], requested["returnedLines"]) == ("REQUESTED", [{"quantity": 1}])
    second = sale.chosen(1, "two")
    assert await sale.buyer.refusal_codes("requestReturn", second) == ["RETURN_OPEN"]
    await age(sale, database)
    await release_parts(beginning(database), POLICY)
    assert (await world.fresh(sale.part)).state is SubOrderState.DELIVERED
    answer = {"returnId": requested["id"], "idempotencyKey": "one"}
    early = await sale.seller.refusal_codes("receiveReturn", answer)
    assert early == ["RETURN_STATE"]
    told = answer | {"answer": "Send it to 12 Brick Lane"}
    accepted = await sale.seller.do("acceptReturn", told, RETURN)
    assert accepted["returnRequest"]["answer"] == "Send it to 12 Brick Lane"
    received = await sale.seller.do("receiveReturn", answer, RETURN)
    assert received["returnRequest"]["state"] == "RECEIVED"
    assert await sale.seller.do("receiveReturn", answer, RETURN) == received
    line = await world.fresh(sale.line)
    assert (line.returned, line.refunded, line.cancelled) == (1, 1, 0)
    assert (await world.stock_of(line)).on_hand == 11
    await release_parts(beginning(database), POLICY)
    assert (await world.fresh(sale.part)).state is SubOrderState.RELEASED
    late = sale.chosen(1, "three")
    assert await sale.buyer.refusal_codes("requestReturn", late) == ["RETURN_PERIOD_OVER"]
    await check_invariants(database)


async def age(sale: SoldOrder, database: Database, part: int = 0) -> None:
    """Let the time for returns of a part end."""
    async with database.session() as session, session.begin():
        row = await session.get_one(SubOrder, sale.placed.suborders[part].id)
        row.release_at = now() - timedelta(seconds=1)


def beginning(database: Database) -> OpenTransaction:
    return Transactions(database, Unheard()).begin


async def test_a_part_that_cannot_be_released_does_not_keep_others_from_it(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = [await SoldOrder.make(world, api) for _ in range(2)]
    broken = sales[0].placed.order.id

    async def end(session: AsyncSession, order: Order) -> None:
        if order.id == broken:
            raise RuntimeError
        await end_order(session, order)

    monkeypatch.setattr(delivering, "end_order", end)
    for sale in sales:
        await sale.ship()
        await sale.buyer.do("confirmDelivery", {"suborderId": gid(sale.part)})
        await age(sale, database)
    for _ in range(2):
        assert not await release_parts(beginning(database), POLICY)
    states = [(await world.fresh(sale.part)).state for sale in sales]
    assert states == [SubOrderState.DELIVERED, SubOrderState.RELEASED]


async def test_a_return_that_cannot_expire_does_not_keep_others_from_it(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = [await SoldOrder.make(world, api) for _ in range(2)]
    broken = sales[0].placed.order.id

    def publish(session: AsyncSession, order: Order, parts: Sequence[SubOrder]) -> None:
        if order.id == broken:
            raise RuntimeError
        publish_change(session, order, parts)

    for sale in sales:
        await sale.ship()
        requested = await sale.buyer.do("requestReturn", sale.chosen(1), RETURN)
        answer = {"returnId": requested["returnRequest"]["id"], "idempotencyKey": "one"}
        assert await sale.seller.refusal_codes("acceptReturn", answer) == []
    async with database.session() as session, session.begin():
        await session.execute(ACCEPTED_LONG_AGO)
    monkeypatch.setattr(returns, "publish_change", publish)
    assert not await expire_returns(beginning(database))
    async with database.session() as session:
        rows = select(ReturnRequest.state).order_by(col(ReturnRequest.id))
        states = (await session.exec(rows)).all()
    assert states == [ReturnState.ACCEPTED, ReturnState.EXPIRED]


async def test_a_part_that_comes_back_whole_is_returned_and_ends_its_order(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    await sale.ship()
    other = {"suborderId": gid(sale.placed.suborders[1])}
    await sale.buyer.do("confirmDelivery", other)
    await age(sale, database, part=1)
    await release_parts(beginning(database), POLICY)
    requested = await sale.buyer.do("requestReturn", sale.chosen(2), RETURN)
    answer = {"returnId": requested["returnRequest"]["id"], "idempotencyKey": "one"}
    await sale.seller.do("acceptReturn", answer)
    await sale.seller.do("receiveReturn", answer | {"restock": False})
    assert (await world.fresh(sale.part)).state is SubOrderState.RETURNED
    assert (await world.fresh(sale.placed.order)).state is OrderState.COMPLETED
    assert (await world.stock_of(sale.line)).on_hand == 10
    await check_invariants(database)


async def test_a_return_is_declined_withdrawn_and_expires(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    await sale.ship()
    ids = []
    for number in range(3):
        given = sale.chosen(1, f"{number}")
        requested = await sale.buyer.do("requestReturn", given, RETURN)
        id = requested["returnRequest"]["id"]
        ids.append(id)
        keyed = {"returnId": id, "idempotencyKey": f"{number}"}
        if number == 0:
            declined = keyed | {"reason": "It was worn"}
            assert await sale.seller.refusal_codes("declineReturn", declined) == []
        elif number == 1:
            for _ in range(2):
                codes = await sale.buyer.refusal_codes("withdrawReturn", {"returnId": id})
            assert codes == ["RETURN_STATE"]
        else:
            await sale.seller.do("acceptReturn", keyed)
    query = "query Q($id: ID!) { node(id: $id) { ... on SubOrder { returns { state } } } }"
    async with database.session() as session, session.begin():
        await session.execute(ACCEPTED_LONG_AGO)
    await expire_returns(beginning(database))
    found = await sale.seller.ask(query, id=gid(sale.part))
    states = [one["state"] for one in found["node"]["returns"]]
    assert states == ["EXPIRED", "WITHDRAWN", "DECLINED"]


async def test_grant_refund_of_units_that_the_buyer_keeps(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    assert await sale.seller.refusal_codes("grantRefund", sale.chosen(1)) == ["TOO_MANY_UNITS"]
    await sale.ship()
    assert await sale.seller.refusal_codes("grantRefund", sale.chosen(1)) == []
    line = await world.fresh(sale.line)
    assert (line.refunded, line.returned) == (1, 0)
    assert (await world.stock_of(line)).on_hand == 10
    more = sale.chosen(2, "two")
    assert await sale.buyer.refusal_codes("requestReturn", more) == ["TOO_MANY_UNITS"]
    await check_invariants(database)


async def test_settle_refund_part_by_part(world: World, api: Client, database: Database) -> None:
    sale = await SoldOrder.make(world, api, wallet=1_000)
    given = {"orderId": gid(sale.placed.order), "idempotencyKey": "one"}
    await sale.buyer.do("cancelOrder", given)
    query = """query Q($id: ID!) { order(id: $id) { refunds { state settledAt
        parts { id paymentProvider settledAt } } } }"""
    (refund,) = (await sale.buyer.ask(query, id=gid(sale.placed.order)))["order"]["refunds"]
    (by_hand, wallet) = refund["parts"]
    assert refund["state"] == "GRANTED"
    assert (by_hand["paymentProvider"], by_hand["settledAt"]) == ("MANUAL", None)
    assert wallet["paymentProvider"] == "WALLET"
    assert wallet["settledAt"]
    admin = api.signed_in(await world.admin())
    paid = {"refundPartId": by_hand["id"], "reference": "UTR-1", "idempotencyKey": "one"}
    wrong = paid | {"refundPartId": wallet["id"], "idempotencyKey": "two"}
    assert await admin.refusal_codes("settleRefund", wrong) == ["SETTLED_BY_PLATFORM"]
    first = await admin.do("settleRefund", paid, "refund { state }")
    assert first["refund"]["state"] == RefundState.SETTLED
    assert await admin.do("settleRefund", paid, "refund { state }") == first
    again = paid | {"idempotencyKey": "three"}
    assert await admin.refusal_codes("settleRefund", again) == ["REFUND_SETTLED"]
    await check_invariants(database)


async def test_a_buyer_requests_so_many_returns_a_day(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each notifies the members of the vendor, so those that were withdrawn count too."""
    quota = QUOTAS[DailyAct.REQUEST_RETURN]._replace(per_day=2)
    monkeypatch.setitem(QUOTAS, DailyAct.REQUEST_RETURN, quota)
    sale = await SoldOrder.make(world, api)
    await sale.ship()
    for key in ("one", "one", "two"):
        request = (await sale.buyer.do("requestReturn", sale.chosen(1, key), RETURN))[
            "returnRequest"
        ]
        withdrawn = await sale.buyer.refusal_codes("withdrawReturn", {"returnId": request["id"]})
        assert withdrawn in ([], ["RETURN_STATE"])
    third = sale.chosen(1, "three")
    assert await sale.buyer.refusal_codes("requestReturn", third) == ["DAILY_LIMIT_REACHED"]


async def test_an_erased_buyer_gets_no_notifications(world: World, api: Client) -> None:
    """The erasure has deleted those that there were, and nothing deletes later ones."""
    sale = await SoldOrder.make(world, api)
    async with world.database.session() as session, session.begin():
        (await session.get_one(User, sale.user.id)).is_erased = True
    given = {"suborderId": gid(sale.part)}
    assert await sale.seller.refusal_codes("acceptSuborder", given) == []
    async with world.database.session() as session:
        mine = select(Notification.id).where(Notification.user_id == sale.user.id)
        assert (await session.exec(mine)).all() == []
