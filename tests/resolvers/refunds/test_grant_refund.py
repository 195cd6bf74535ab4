"""Refunds without a return: of the delivery, as goodwill, and of any vendor by admins."""

from typing import Any

import pytest
from sqlmodel import select

from core.database import Database
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import Role, User
from models.orders.states import PaymentState, SubOrderState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.orders.handling import SoldOrder

PART = """suborder { amounts { refunded { amountMinor } }
    refundedLines { quantity amount { amountMinor } restocked }
    refundedAmounts { share borneBy amount { amountMinor } } }"""
REFUND = """refund { amount { amountMinor } refundedLines { quantity amount { amountMinor } }
    refundedAmounts { share borneBy amount { amountMinor } suborder { id } } }"""


def grant(sale: SoldOrder, key: str = "one", **values: Any) -> dict[str, Any]:
    return {"suborderId": gid(sale.part), "reason": "Sorry", "idempotencyKey": key} | values


def grant_of_order(sale: SoldOrder, key: str = "one", **values: Any) -> dict[str, Any]:
    return {"orderId": gid(sale.placed.order), "reason": "Sorry", "idempotencyKey": key} | values


async def test_a_vendor_refunds_the_delivery_and_an_amount(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api, shipping=500)
    given = grant(sale, delivery=True, amountMinor=100)
    for _ in range(2):  # a retry changes nothing
        granted = await sale.seller.do("grantRefund", given, PART)
        assert granted["errors"] == []
        assert granted["suborder"] == {
            "amounts": {"refunded": {"amountMinor": 600}},
            "refundedLines": [],
            "refundedAmounts": [
                {"share": "GOODWILL", "borneBy": "VENDOR", "amount": {"amountMinor": 100}},
                {"share": "DELIVERY", "borneBy": "VENDOR", "amount": {"amountMinor": 500}},
            ],
        }
    again = grant(sale, "two", delivery=True)
    assert await sale.seller.refusal_codes("grantRefund", again) == ["DELIVERY_REFUNDED"]
    more = grant(sale, "three", amountMinor=sale.part.total)
    assert await sale.seller.refusal_codes("grantRefund", more) == ["REFUND_TOO_LARGE"]
    order = await world.fresh(sale.placed.order)
    assert (order.refunded, order.payment_state) == (600, PaymentState.PART_REFUNDED)
    await check_invariants(database)


@pytest.mark.parametrize("values", [{}, {"lines": []}, {"amountMinor": 0}, {"amountMinor": -1}])
async def test_nothing_due_is_refused(
    world: World, api: Client, values: dict[str, Any], database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    assert await sale.seller.refusal_codes("grantRefund", grant(sale, **values)) == [
        "INVALID_INPUT"
    ]
    admin = api.signed_in(await world.admin())
    refused = await admin.refusal_codes("grantOrderRefund", grant_of_order(sale, **values))
    assert refused == ["INVALID_INPUT"]
    assert (await world.fresh(sale.placed.order)).refunded == 0


async def test_units_that_came_back_without_a_return_are_for_sale_again(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api)
    await sale.ship(sale.part)
    given = grant(sale, lines=sale.units(2), restock=True)
    granted = await sale.seller.do("grantRefund", given, PART)
    (line,) = granted["suborder"]["refundedLines"]
    assert (line["quantity"], line["restocked"]) == (2, True)
    assert (await world.stock_of(sale.line)).on_hand == 12
    assert (await world.fresh(sale.part)).state is SubOrderState.RETURNED
    await check_invariants(database)


async def test_others_grant_no_refund(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    given = grant(sale, amountMinor=100)
    assert await api.mutation_failed("grantRefund", given) == ["UNAUTHENTICATED"]
    for name, user in (await sale.outsiders()).items():
        codes = await api.signed_in(user).refusal_codes("grantRefund", given)
        assert codes == ["NOT_FOUND"], name
    of_order = grant_of_order(sale, amountMinor=100)
    assert await api.mutation_failed("grantOrderRefund", of_order) == ["UNAUTHENTICATED"]
    for client in (sale.buyer, sale.seller):
        assert await client.mutation_failed("grantOrderRefund", of_order) == ["FORBIDDEN"]
    assert (await world.fresh(sale.placed.order)).refunded == 0


async def test_an_admin_refunds_across_vendors(
    world: World, api: Client, database: Database
) -> None:
    sale = await SoldOrder.make(world, api, shipping=500)
    await sale.ship(sale.part)
    admin = api.signed_in(await world.admin())
    other = sale.placed.suborders[1]
    (line,) = sale.placed.lines_of(other)
    lines = [*sale.units(1), *sale.units(2, line)]  # one shipped, two that are not
    given = grant_of_order(sale, lines=lines, deliveries=[gid(sale.part)], amountMinor=50)
    for _ in range(2):
        granted = await admin.do("grantOrderRefund", given, REFUND)
        assert granted["errors"] == []
        amounts = granted["refund"]["refundedAmounts"]
        assert [(one["share"], one["borneBy"]) for one in amounts] == [
            ("DELIVERY", "VENDOR"),
            ("GOODWILL", "PLATFORM"),
        ]
        assert {one["suborder"]["id"] for one in amounts} == {gid(sale.part)}
    assert granted["refund"]["amount"]["amountMinor"] == 10_250 + 20_500 + 250 + 50
    assert (await world.fresh(other)).state is SubOrderState.CANCELLED
    assert (await world.stock_of(line)).on_hand == 10  # not restocked: it was not asked for
    seen = await sale.seller.send(
        "query Q($id: ID!) { node(id: $id) { ... on SubOrder { refundedAmounts"
        " { amount { amountMinor } } refundedLines { amount { amountMinor } } } } }",
        id=gid(other),
    )
    assert seen["data"] == {"node": None}
    async with database.session() as session:
        acts = select(AuditEntry.act).where(AuditEntry.act == AuditAct.GRANT_REFUND)
        assert len((await session.exec(acts.where(AuditEntry.outcome == "DONE"))).all()) == 1
    await check_invariants(database)


async def test_admins_grant_no_refund_of_their_own_or_unpaid_orders(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    admin = api.signed_in(await world.admin())
    given = grant_of_order(sale, amountMinor=100)
    other = given | {"orderId": unknown("Order")}
    assert await admin.refusal_codes("grantOrderRefund", other) == ["NOT_FOUND"]
    foreign = await SoldOrder.make(world, api)
    wrong = grant_of_order(sale, deliveries=[gid(foreign.part)])
    assert await admin.refusal_codes("grantOrderRefund", wrong) == ["INVALID_INPUT"]
    wrong = grant_of_order(sale, lines=foreign.units(1))
    assert await admin.refusal_codes("grantOrderRefund", wrong) == ["NOT_FOUND"]
    too_many = grant_of_order(sale, lines=sale.units(3))
    assert await admin.refusal_codes("grantOrderRefund", too_many) == ["TOO_MANY_UNITS"]
    async with world.database.session() as session, session.begin():
        (await session.get_one(User, sale.user.id)).role = Role.ADMIN
    own = api.signed_in(await world.fresh(sale.user))
    assert await own.refusal_codes("grantOrderRefund", given) == ["OWN_ORDER"]
    member = await world.admin()
    await world.member(sale.vendor, member, MemberRole.STAFF)
    codes = await api.signed_in(member).refusal_codes("grantOrderRefund", given)
    assert codes == ["OWN_ORDER"]
