"""Operations on orders after the payment, called by those who may not."""

import pytest
from sqlmodel import col, update

from models.orders.orders import SubOrder
from models.orders.returns import ReturnLine, ReturnRequest
from models.payments.refunds import Refund, RefundPart, RefundReason
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder

SELLING = (
    "acceptSuborder",
    "rejectSuborder",
    "cancelSuborderLines",
    "markSuborderDelivered",
    "grantRefund",
    "acceptReturn",
    "declineReturn",
    "receiveReturn",
)
BUYING = ("cancelOrder", "cancelOrderLines", "confirmDelivery", "requestReturn", "withdrawReturn")


async def inputs_of(sale: SoldOrder) -> dict[str, dict[str, object]]:
    request = ReturnRequest(suborder_id=sale.part.id, buyer_id=sale.user.id, reason="Too small")
    line = ReturnLine(return_id=request.id, line_id=sale.line.id, quantity=1)
    await sale.world.save(request, line)
    key, answer = {"idempotencyKey": "one"}, {"returnId": gid(request)}
    part, order = {"suborderId": gid(sale.part)}, {"orderId": gid(sale.placed.order)}
    reason = {"reason": "Sold out"}
    return {
        "acceptSuborder": part,
        "rejectSuborder": part | reason | key,
        "cancelSuborderLines": sale.chosen(1),
        "markSuborderDelivered": part,
        "grantRefund": sale.chosen(1),
        "acceptReturn": answer | key,
        "declineReturn": answer | reason | key,
        "receiveReturn": answer | key,
        "cancelOrder": order | key,
        "cancelOrderLines": order | {"lines": sale.units(1)} | reason | key,
        "confirmDelivery": part,
        "requestReturn": sale.chosen(1),
        "withdrawReturn": answer,
    }


async def test_operations_are_refused_to_everyone_else(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    inputs = await inputs_of(sale)
    others = await sale.outsiders()
    for operation in (*SELLING, *BUYING):
        assert await api.mutation_failed(operation, inputs[operation]) == ["UNAUTHENTICATED"]
        wrong = {**others, "the other side": sale.user if operation in SELLING else sale.staff}
        for who, user in wrong.items():
            codes = await api.signed_in(user).refusal_codes(operation, inputs[operation])
            assert codes == ["NOT_FOUND"], (operation, who)
    assert await world.fresh(sale.part) == sale.part


async def test_settle_refund_is_for_admins(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    refund = Refund(order_id=sale.placed.order.id, reason=RefundReason.GOODWILL, amount=0)
    payment = sale.placed.payments[0]
    way = RefundPart(
        refund_id=refund.id, payment_id=payment.id, provider=payment.provider, amount=1
    )
    await world.save(refund, way)
    given = {"refundPartId": gid(way), "reference": "UTR-1", "idempotencyKey": "one"}
    assert await api.mutation_failed("settleRefund", given) == ["UNAUTHENTICATED"]
    for client in (sale.buyer, sale.seller):
        assert await client.mutation_failed("settleRefund", given) == ["FORBIDDEN"]


LIST = "query Q($id: ID!) { vendorOrders(vendorId: $id) { nodes { id } totalCount } }"
FIGURES = {
    "counts": "query Q($id: ID!) { vendorOrderCounts(vendorId: $id) { state count } }",
    "pickList": "query Q($id: ID!) { pickList(vendorId: $id) { units } }",
}


@pytest.mark.parametrize("asked", ["list", *FIGURES])
async def test_others_get_an_empty_list_of_a_vendor_and_no_figures(
    world: World, api: Client, asked: str
) -> None:
    sale = await SoldOrder.make(world, api, state="PREPARING")
    query, id = FIGURES.get(asked, LIST), gid(sale.vendor)
    seen = await sale.seller.ask(query, id=id)
    others = await sale.outsiders()
    assert await api.signed_in(others.pop("an admin")).ask(query, id=id) == seen
    for user in (sale.user, *others.values()):
        client = api.signed_in(user)
        if asked in FIGURES:
            assert await client.failed(query, id=id) == ["NOT_FOUND"]
        else:
            found = (await client.ask(query, id=id))["vendorOrders"]
            assert found == {"nodes": [], "totalCount": 0}
    answer = await api.send(query, id=id)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_member_sees_the_address_and_nothing_else_of_the_buyer_and_other_vendors(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    query = """query Q($id: ID!, $other: ID!, $order: ID!) {
        node(id: $id) { ... on SubOrder {
            number deliveryAddress { recipient formatted } order { id }
            amounts { total { amountMinor } } timeline { kind by { id } }
            refundedLines { quantity } returns { id }
        } }
        other: node(id: $other) { id }
        whole: node(id: $order) { id }
        order(id: $order) { id }
    }"""
    ids = {"id": gid(sale.part), "other": gid(sale.placed.suborders[1])}
    seen = await sale.seller.ask(query, **ids, order=gid(sale.placed.order))
    part = seen["node"]
    assert part["deliveryAddress"]["recipient"] == "Asha Rao"
    assert "560001" in str(part["deliveryAddress"]["formatted"])
    assert part["number"] == sale.placed.order.number
    assert part["amounts"]["total"]["amountMinor"] == sale.part.total
    assert (part["order"], seen["other"], seen["whole"], seen["order"]) == (None,) * 4
    async with world.database.session() as session, session.begin():
        (await session.get_one(SubOrder, sale.part.id)).is_pickup = True
    collected = """query Q($id: ID!) { node(id: $id) { ... on SubOrder { deliveryAddress {
        recipient streetLines city postalCode phone formatted } } } }"""
    assert (await sale.seller.ask(collected, id=ids["id"]))["node"]["deliveryAddress"] == {
        "recipient": "Asha Rao",
        "streetLines": [],
        "city": None,
        "postalCode": None,
        "phone": "+919800000001",
        "formatted": ["Asha Rao"],
    }
    digital = update(SubOrder).where(col(SubOrder.id) == sale.part.id).values(rate_name=None)
    async with world.database.session() as session, session.begin():
        await session.exec(digital)
    unsent = await sale.seller.ask(query, **ids, order=gid(sale.placed.order))
    assert unsent["node"]["deliveryAddress"] is None, "nothing of this part is delivered"
    scanner = (await sale.outsiders())["a scanner"]
    assert (await api.signed_in(scanner).ask(query, **ids, order=gid(sale.placed.order)))[
        "node"
    ] is None


async def test_all_orders_are_for_admins(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    query = "query Q($n: String) { allOrders(where: {number: $n}) { nodes { id } } }"
    admin = api.signed_in(await world.admin())
    number = sale.placed.order.number.lower()
    found = (await admin.ask(query, n=number))["allOrders"]["nodes"]
    assert found == [{"id": gid(sale.placed.order)}]
    for client, code in ((api, "UNAUTHENTICATED"), (sale.buyer, "FORBIDDEN")):
        answer = await client.send(query, n=number)
        assert answer["errors"][0]["extensions"]["code"] == code


async def test_no_payload_leads_a_member_to_the_whole_order(world: World, api: Client) -> None:
    """A refund, payment or order is of all vendors. Members get the part, and the order is null."""
    sale = await SoldOrder.make(world, api)
    await sale.ship()
    fields = "suborder { refundedLines { quantity } order { payments { id } } }"
    answer = await sale.seller.do("grantRefund", sale.chosen(1), fields)
    assert answer["suborder"] == {"refundedLines": [{"quantity": 1}], "order": None}
