"""Orders are placed from checkouts: their units are reserved, and nothing is computed again."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core.clock import now
from models.addresses import PostalAddress
from models.carts import CartLine
from models.catalog.variants import Variant, VariantState
from models.checkouts import CheckoutState
from models.orders.orders import Order
from models.orders.placing import MAX_UNPAID_ORDERS
from models.orders.states import OrderState
from models.pricing.discounts import PromoKind
from tests.client import Client, gid
from tests.factories.buying import FIELDS, PRICE, Buyer, Stall
from tests.factories.orders import empty_order
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.counting import captured, statements


async def reserved(world: World, shop: Stall) -> list[tuple[int, int]]:
    """Return what is on hand and reserved of each variant."""
    found = [await world.stock(variant) for variant in shop.variants]
    return [(stock.on_hand, stock.reserved) for stock in found]


async def test_place_an_order_reserves_units_and_empties_the_cart(
    world: World, api: Client
) -> None:
    shop = await Stall.open(world, variants=2)
    other = await Stall.open(world)
    buyer = await Buyer.create(world, api)
    await buyer.fill(*shop.variants, other.variant, quantity=2)
    placed = await buyer.place(6 * PRICE)
    assert placed["errors"] == []
    assert placed["order"]["state"] == "PENDING"
    assert placed["order"]["paymentState"] == "UNPAID"
    assert placed["order"]["amounts"]["total"]["amountMinor"] == 6 * PRICE
    assert placed["payment"] == {
        "paymentProvider": "MANUAL",
        "paymentStatus": "OPEN",
        "amount": {"amountMinor": 6 * PRICE},
    }
    assert await reserved(world, shop) == [(10, 2), (10, 2)]
    checkout = await world.fresh(buyer.checkout)
    assert (checkout.state, checkout.ship_to) == (CheckoutState.ORDERED, None)
    async with world.database.session() as session:
        assert (await session.exec(select(CartLine))).all() == []
    order = await buyer.order()
    address = PostalAddress.open(world.sealer, "order.ship_to", order.id, order.ship_to or b"")
    assert address.country == "IN"
    assert order.hold_until > now() + timedelta(minutes=14)
    assert [part.total for part in await buyer.parts()] == [4 * PRICE, 2 * PRICE]
    await check_invariants(world.database)


async def test_a_retry_returns_the_order_and_another_key_is_too_late(
    world: World, api: Client
) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    first = await buyer.client.do("placeOrder", buyer.input(key="one"), FIELDS)
    assert await buyer.client.do("placeOrder", buyer.input(key="one"), FIELDS) == first
    other = buyer.input(PRICE + 1, key="one")
    assert await buyer.client.refusal_codes("placeOrder", other) == ["IDEMPOTENCY_KEY_REUSED"]
    again = await buyer.client.refusal_codes("placeOrder", buyer.input())
    assert again == ["CHECKOUT_EXPIRED"]
    assert await reserved(world, shop) == [(10, 1)]
    await check_invariants(world.database)


async def test_a_total_that_has_changed_is_refused_with_the_new_one(
    world: World, api: Client
) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    query = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
      errors { code field ... on TotalChanged { total { amountMinor currency } } } } }"""
    answer = await buyer.client.ask(query, input=buyer.input(PRICE - 1))
    assert answer["placeOrder"]["errors"] == [
        {
            "code": "CART_CHANGED",
            "field": ["expectedTotalMinor"],
            "total": {"amountMinor": PRICE, "currency": "INR"},
        }
    ]
    assert await reserved(world, shop) == [(10, 0)]
    assert await buyer.orders() == []


async def test_who_cannot_order_a_checkout(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    assert await api.mutation_failed("placeOrder", buyer.input()) == ["UNAUTHENTICATED"]
    for user in (await world.user(), await world.admin()):
        client = api.signed_in(user)
        assert await client.refusal_codes("placeOrder", buyer.input()) == ["NOT_FOUND"]
    placed = await buyer.place()
    query = "query ($id: ID!) { order(id: $id) { number } }"
    seen = {}
    viewers = {"buyer": buyer.user, "stranger": await world.user(), "admin": await world.admin()}
    for name, user in viewers.items():
        answer = await api.signed_in(user).ask(query, id=placed["order"]["id"])
        seen[name] = answer["order"] is not None
    assert seen == {"buyer": True, "stranger": False, "admin": True}


async def test_an_expired_checkout_is_refused(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await Buyer.create(world, api)
    await buyer.fill(shop.variant, expires_at=now() - timedelta(seconds=1))
    assert await buyer.client.refusal_codes("placeOrder", buyer.input()) == ["CHECKOUT_EXPIRED"]
    assert await reserved(world, shop) == [(10, 0)]


async def test_the_problems_of_a_checkout_refuse_the_order(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, address=None)
    assert await buyer.client.refusal_codes("placeOrder", buyer.input()) == ["ADDRESS_MISSING"]
    assert await reserved(world, shop) == [(10, 0)]


async def test_a_price_that_has_changed_is_accepted_first(world: World, api: Client) -> None:
    """Neither the former price nor one that was not shown is charged: spree/spree#11801."""
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    async with world.database.session() as session, session.begin():
        dearer = update(Variant).where(col(Variant.id) == shop.variant.id)
        await session.exec(dearer.values(price=PRICE + 1))
    for total in (PRICE, PRICE + 1):
        refused = await buyer.client.refusal_codes("placeOrder", buyer.input(total))
        assert refused == ["PRICE_CHANGED"]
    assert await buyer.client.refusal_codes("acceptCartPrices", {}) == []
    assert (await buyer.place(PRICE + 1))["errors"] == []


async def test_too_few_units_are_refused_with_what_is_left(world: World, api: Client) -> None:
    shop = await Stall.open(world, variants=2, on_hand=2)
    buyer = await (await Buyer.create(world, api)).fill(*shop.variants, quantity=3)
    query = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
      errors { code ... on InsufficientStock { variantId available } } } }"""
    answer = await buyer.client.ask(query, input=buyer.input(6 * PRICE))
    assert answer["placeOrder"]["errors"] == [
        {"code": "INSUFFICIENT_STOCK", "variantId": gid(shop.variant), "available": 2}
    ]
    assert await reserved(world, shop) == [(2, 0), (2, 0)]


async def test_own_unpaid_order_of_the_same_goods_is_cancelled_first(
    world: World, api: Client
) -> None:
    """A buyer is not refused because of an own former attempt: woocommerce#67354."""
    shop = await Stall.open(world, on_hand=1)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    first = await buyer.place()
    await buyer.again(shop.variant)
    second = await buyer.place()
    assert second["errors"] == []
    assert second["order"]["id"] != first["order"]["id"]
    states = [order.state for order in await buyer.orders()]
    assert states == [OrderState.CANCELLED, OrderState.PENDING]
    assert await reserved(world, shop) == [(1, 1)]
    await check_invariants(world.database)


async def test_a_buyer_holds_the_units_of_so_many_unpaid_orders(world: World, api: Client) -> None:
    """Else one account could keep all goods of all vendors from being sold, and pay for none."""
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    held = [empty_order(buyer.user) for _ in range(MAX_UNPAID_ORDERS)]
    for checkout, order in held:
        order.hold_until = now() + timedelta(minutes=1)
        await world.save(checkout, order)
    input = buyer.input()
    assert await buyer.client.refusal_codes("placeOrder", input) == ["TOO_MANY_UNPAID"]
    last = update(Order).where(col(Order.id) == held[0][1].id)
    async with world.database.session() as session, session.begin():
        await session.exec(last.values(hold_until=now()))
    assert await buyer.client.refusal_codes("placeOrder", input) == []


async def test_a_hold_whose_time_is_over_does_not_refuse_others(world: World, api: Client) -> None:
    shop = await Stall.open(world, on_hand=1)
    slow = await (await Buyer.create(world, api)).fill(shop.variant)
    quick = await (await Buyer.create(world, api)).fill(shop.variant)
    await slow.place()
    assert (await quick.place())["errors"][0]["code"] == "INSUFFICIENT_STOCK"
    await slow.end_hold()
    assert (await quick.place())["errors"] == []
    assert (await slow.order()).state is OrderState.EXPIRED
    assert await reserved(world, shop) == [(1, 1)]
    await check_invariants(world.database)


async def test_a_wallet_that_pays_for_all_confirms_at_once(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, wallet=PRICE)
    await world.fund(buyer.user, PRICE - 2_000, promo=5_000)
    placed = await buyer.place(provider="WALLET")
    assert placed["errors"] == []
    assert (placed["order"]["state"], placed["order"]["paymentState"]) == ("CONFIRMED", "PAID")
    assert placed["payment"] is None
    assert await world.wallet(buyer.user) == (3_000, 0, 0)
    assert await reserved(world, shop) == [(9, 0)]
    await check_invariants(world.database)


async def test_a_wallet_pays_for_a_part_and_is_held(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, wallet=4_000)
    await world.fund(buyer.user, 5_000)
    only = buyer.input(provider="WALLET")
    assert await buyer.client.refusal_codes("placeOrder", only) == ["INVALID_INPUT"]
    placed = await buyer.place()
    assert placed["payment"]["amount"]["amountMinor"] == 6_000
    assert await world.wallet(buyer.user) == (1_000, 0, 4_000)
    cancelled = {"orderId": placed["order"]["id"], "idempotencyKey": "cancel"}
    assert await buyer.client.refusal_codes("cancelOrder", cancelled) == []
    assert await world.wallet(buyer.user) == (5_000, 0, 0)
    await check_invariants(world.database)


async def test_own_unpaid_orders_keep_no_money_of_the_wallet(world: World, api: Client) -> None:
    """The oldest are cancelled, as far as their money is lacking. No buyer waits for their end."""
    shop = await Stall.open(world, variants=4)
    buyer = await (await Buyer.create(world, api)).fill(shop.variants[0], wallet=4_000)
    await world.fund(buyer.user, 10_000)
    assert (await buyer.place())["errors"] == []
    await buyer.again(shop.variants[1], wallet=3_000)
    assert (await buyer.place())["errors"] == []
    assert await world.wallet(buyer.user) == (3_000, 0, 7_000)
    await buyer.again(shop.variants[2], wallet=6_000)
    assert (await buyer.place())["errors"] == []
    states = [order.state for order in await buyer.orders()]
    assert states == [OrderState.CANCELLED, OrderState.PENDING, OrderState.PENDING]
    assert await world.wallet(buyer.user) == (1_000, 0, 9_000)
    await buyer.again(shop.variants[3], quantity=2, wallet=10_001)
    too_much = buyer.input(2 * PRICE)
    assert await buyer.client.refusal_codes("placeOrder", too_much) == ["WALLET_TOO_LOW"]
    assert [order.state for order in await buyer.orders()] == states, "none ended in vain"
    await check_invariants(world.database)


async def test_a_wallet_with_too_little_refuses_the_order(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, wallet=4_000)
    assert await buyer.client.refusal_codes("placeOrder", buyer.input()) == ["WALLET_TOO_LOW"]
    assert await reserved(world, shop) == [(10, 0)]


async def test_an_order_that_costs_nothing_is_confirmed(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    free = await world.promo_code(kind=PromoKind.PERCENT, value=10_000)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, codes=(free,))
    placed = await buyer.place(0)
    assert placed["errors"] == []
    assert (placed["order"]["state"], placed["order"]["paymentState"]) == ("CONFIRMED", "PAID")
    assert placed["payment"] is None
    assert await reserved(world, shop) == [(9, 0)]
    await check_invariants(world.database)


async def test_cancel_an_unpaid_order_as_its_buyer_and_as_others(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    placed = await buyer.place()
    given = {"orderId": placed["order"]["id"], "idempotencyKey": "one", "reason": "Too dear"}
    assert await api.mutation_failed("cancelOrder", given) == ["UNAUTHENTICATED"]
    for user in (await world.user(), await world.admin()):
        assert await api.signed_in(user).refusal_codes("cancelOrder", given) == ["NOT_FOUND"]
    for _ in range(2):
        payload = await buyer.client.do("cancelOrder", given, "order { state suborders { state } }")
        assert payload["order"] == {"state": "CANCELLED", "suborders": [{"state": "CANCELLED"}]}
    other = given | {"idempotencyKey": "two"}
    assert await buyer.client.refusal_codes("cancelOrder", other) == ["ORDER_STATE"]
    assert await reserved(world, shop) == [(10, 0)]
    await check_invariants(world.database)


async def test_as_many_statements_for_twenty_lines_as_for_two(world: World, api: Client) -> None:
    counts = {}
    for lines in (2, 20):
        shop = await Stall.open(world, variants=lines)
        buyer = await (await Buyer.create(world, api)).fill(*shop.variants)
        with captured() as seen:
            assert (await buyer.place(lines * PRICE))["errors"] == []
        counts[lines] = len(seen)
    assert counts[2] == counts[20], counts


async def test_numbers_that_are_taken_are_tried_again(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    for module in ("building", "placing"):
        monkeypatch.setattr(f"services.orders.placing.{module}.new_number", lambda: next(numbers))
    shop = await Stall.open(world)
    for number in ("AAAAAAAA", "BBBBBBBB"):
        buyer = await (await Buyer.create(world, api)).fill(shop.variant)
        assert (await buyer.place())["order"]["number"] == number


async def test_list_orders(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant)
    placed = await buyer.place()
    query = """query ($where: OrderWhere, $by: TimeOrder!) {
      orders(first: 5, where: $where, orderBy: $by) {
      totalCount changesAfter nodes { id suborders { number amounts { total { amountMinor } }
        lines { title quantity orderedOptions { name value } unitPrice { amountMinor }
          tax { amountMinor } currentVariant { sku } } vendor { name } } payments { paymentStatus
          } } } }"""
    for by in ("NEWEST", "OLDEST"):
        answer = await buyer.client.ask(query, by=by, where={"states": ["PENDING"]})
        (node,) = answer["orders"]["nodes"]
        assert node["id"] == placed["order"]["id"]
        (part,) = node["suborders"]
        assert part["number"] == placed["order"]["number"]
        assert part["amounts"]["total"]["amountMinor"] == PRICE
        assert part["lines"][0]["currentVariant"] == {"sku": shop.variant.sku}
    for where, found in (
        ({"number": placed["order"]["number"].lower()}, 1),
        ({"number": "00000000"}, 0),
        ({"paymentStates": ["PAID"]}, 0),
        ({"placedFrom": now().isoformat()}, 0),
        ({"placedBefore": now().isoformat()}, 1),
    ):
        answer = await buyer.client.ask(query, by="NEWEST", where=where)
        assert answer["orders"]["totalCount"] == found, where
    stranger = api.signed_in(await world.user())
    assert (await stranger.ask(query, by="NEWEST"))["orders"]["totalCount"] == 0
    assert await api.failed(query, by="NEWEST") == ["UNAUTHENTICATED"]


async def test_as_many_statements_for_twenty_orders_as_for_one(world: World, api: Client) -> None:
    user = await world.user()
    vendors = [await world.vendor() for _ in range(2)]
    for _ in range(20):
        await world.placed_order(user, vendors, quantity=1)
    query = """query ($n: Int!) { orders(first: $n) { nodes { number
      amounts { total { decimal } } payments { paymentStatus }
      suborders { number amounts { total { decimal } } vendor { name }
        lines { title total { decimal } currentVariant { sku } } } } } }"""
    client = api.signed_in(user)
    one, twenty = [await statements(client, query, n=n) for n in (1, 20)]
    assert len(one) == len(twenty)


async def test_reorder_puts_what_is_still_sold_into_the_cart(world: World, api: Client) -> None:
    shop = await Stall.open(world, variants=2)
    buyer = await (await Buyer.create(world, api)).fill(*shop.variants, quantity=3)
    placed = await buyer.place(6 * PRICE)
    async with world.database.session() as session, session.begin():
        gone = update(Variant).where(col(Variant.id) == shop.variants[0].id)
        await session.exec(gone.values(state=VariantState.RETIRED))
    given = {"orderId": placed["order"]["id"]}
    assert await api.mutation_failed("reorder", given) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("reorder", given) == ["NOT_FOUND"]
    fields = "cart { unitCount } notKept { variantId quantity reason }"
    for _ in range(2):
        payload = await buyer.client.do("reorder", given, fields)
        assert payload == {
            "cart": {"unitCount": 3},
            "notKept": [{"variantId": gid(shop.variant), "quantity": 3, "reason": "NOT_SOLD"}],
            "errors": [],
        }
