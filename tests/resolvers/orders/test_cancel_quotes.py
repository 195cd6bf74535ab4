"""The refund of an order that its buyer could cancel, before and after."""

from typing import Any

from models.orders.states import OrderState, PaymentState, SubOrderState
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.orders.handling import SoldOrder

QUOTE = """query ($id: ID!) { order(id: $id) {
  refundIfCancelled { amountMinor currency } amounts { refunded { amountMinor } }
} }"""
LIST = "{ orders { nodes { refundIfCancelled { amountMinor } } } }"


async def quoted(client: Client, sale: SoldOrder) -> dict[str, Any]:
    found: dict[str, Any] = (await client.ask(QUOTE, id=gid(sale.placed.order)))["order"]
    return found


async def cancel(sale: SoldOrder) -> list[str]:
    given = {"orderId": gid(sale.placed.order), "idempotencyKey": "one"}
    return await sale.buyer.refusal_codes("cancelOrder", given)


async def test_the_refund_is_the_one_that_was_quoted(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, quantity=3, vendor_discount=7)
    await sale.ship(sale.placed.suborders[1])
    before = await quoted(sale.buyer, sale)
    assert before["refundIfCancelled"] == {
        "amountMinor": sale.part.total,
        "currency": sale.placed.order.currency,
    }
    assert await cancel(sale) == []
    after = await quoted(sale.buyer, sale)
    assert after["amounts"]["refunded"]["amountMinor"] == before["refundIfCancelled"]["amountMinor"]
    assert after["refundIfCancelled"] is None


async def test_units_that_were_cancelled_before_are_not_in_it(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, quantity=3)
    whole = (await quoted(sale.buyer, sale))["refundIfCancelled"]["amountMinor"]
    given = {"orderId": gid(sale.placed.order), "lines": sale.units(1), "reason": "Too many"}
    codes = await sale.buyer.refusal_codes("cancelOrderLines", given | {"idempotencyKey": "some"})
    assert codes == []
    left = await quoted(sale.buyer, sale)
    refunded = left["amounts"]["refunded"]["amountMinor"]
    assert left["refundIfCancelled"]["amountMinor"] == whole - refunded > 0
    assert await cancel(sale) == []
    after = await quoted(sale.buyer, sale)
    assert after["amounts"]["refunded"]["amountMinor"] == whole


async def test_no_quote_of_what_cannot_be_cancelled(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api, state=SubOrderState.SHIPPED)
    await sale.ship()
    assert (await quoted(sale.buyer, sale))["refundIfCancelled"] is None
    assert await cancel(sale) == ["ORDER_STATE"]


async def test_an_order_that_is_not_paid_gives_nothing_back(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    order = sale.placed.order
    order.state, order.confirmed_at, order.paid = OrderState.PENDING, None, 0
    order.payment_state = PaymentState.UNPAID
    await world.save(order)
    assert (await quoted(sale.buyer, sale))["refundIfCancelled"]["amountMinor"] == 0


async def test_others_see_no_quote(world: World, api: Client) -> None:
    sale = await SoldOrder.make(world, api)
    admin = await quoted(api.signed_in(await world.admin()), sale)
    assert admin["refundIfCancelled"] is not None
    for client in (api, sale.seller, api.signed_in(await world.user())):
        assert (await client.ask(QUOTE, id=gid(sale.placed.order)))["order"] is None


async def test_a_list_is_quoted_in_a_constant_number_of_statements(
    world: World, api: Client
) -> None:
    sale = await SoldOrder.make(world, api)
    one = await statements(sale.buyer, LIST)
    for _ in range(2):
        await world.placed_order(sale.user, sale.vendors)
    many = await statements(sale.buyer, LIST)
    assert len(one) == len(many) == 6, "\n\n".join(many)
