"""An admin records the transfer for an order: it confirms the order once, or changes nothing."""

from typing import Any

from sqlmodel import col, func, select

from core.ids import new_id
from models.audit import AuditAct, AuditEntry
from models.identity.accounts import Role, User
from models.orders.states import OrderState, SubOrderState
from models.payments.payments import Payment, PaymentSplit
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.world import World
from tests.invariants import check_invariants

PAID = "order { state paymentState payments { paymentStatus } suborders { state } }"


async def order_input(buyer: Buyer, amount: int = PRICE, **values: Any) -> dict[str, Any]:
    return {
        "orderId": gid((await buyer.orders())[-1]),
        "amountMinor": amount,
        "currency": "INR",
        "reference": f"UTR {new_id()}",
        "idempotencyKey": str(new_id()),
    } | values


class Desk:
    """An admin with an order that waits for its payment."""

    def __init__(self, world: World, api: Client) -> None:
        self.world, self.api = world, api
        self.admin: Client
        self.shop: Stall
        self.buyer: Buyer

    async def open(self, *, on_hand: int = 10, **values: Any) -> "Desk":
        self.admin = self.api.signed_in(await self.world.admin())
        self.shop = await Stall.open(self.world, on_hand=on_hand)
        self.buyer = await Buyer.create(self.world, self.api)
        if wallet := values.get("wallet"):
            await self.world.fund(self.buyer.user, wallet)
        await self.buyer.fill(self.shop.variant, **values)
        assert (await self.buyer.place())["errors"] == []
        return self

    async def codes(self, **values: Any) -> list[str]:
        input = await order_input(self.buyer, **values)
        return await self.admin.refusal_codes("recordPayment", input)

    async def stock(self) -> tuple[int, int]:
        stock = await self.world.stock(self.shop.variant)
        return stock.on_hand, stock.reserved


async def test_record_a_payment_confirms_the_order(world: World, api: Client) -> None:
    desk = await Desk(world, api).open()
    input = await order_input(desk.buyer)
    for _ in range(2):  # a retry changes nothing
        payload = await desk.admin.do("recordPayment", input, PAID)
        assert payload["errors"] == []
        assert payload["order"] == {
            "state": "CONFIRMED",
            "paymentState": "PAID",
            "payments": [{"paymentStatus": "SUCCEEDED"}],
            "suborders": [{"state": "CONFIRMED"}],
        }
    assert await desk.codes() == ["ORDER_PAID"]
    assert await desk.stock() == (9, 0)
    async with world.database.session() as session:
        acts = select(AuditEntry.act).where(AuditEntry.act == AuditAct.RECORD_PAYMENT)
        assert len((await session.exec(acts.where(AuditEntry.outcome == "DONE"))).all()) == 1
    await check_invariants(world.database)


async def test_only_admins_record_payments(world: World, api: Client) -> None:
    desk = await Desk(world, api).open()
    input = await order_input(desk.buyer)
    assert await api.mutation_failed("recordPayment", input) == ["UNAUTHENTICATED"]
    for client in (desk.buyer.client, api.signed_in(await world.user())):
        assert await client.mutation_failed("recordPayment", input) == ["FORBIDDEN"]
    unknown = input | {"orderId": gid(desk.buyer.user, "Order")}
    assert await desk.admin.refusal_codes("recordPayment", unknown) == ["NOT_FOUND"]


async def test_admins_do_not_record_payments_of_orders_of_their_own(
    world: World, api: Client
) -> None:
    desk = await Desk(world, api).open()
    order = (await desk.buyer.orders())[-1]
    async with world.database.session() as session, session.begin():
        (await session.get_one(User, desk.buyer.user.id)).role = Role.ADMIN
    own = api.signed_in(await world.fresh(desk.buyer.user))
    assert await own.refusal_codes("recordPayment", await order_input(desk.buyer)) == ["OWN_ORDER"]
    admin = await world.admin()
    await world.member(desk.shop.vendor, admin, MemberRole.STAFF)
    member = api.signed_in(admin)
    given = await order_input(desk.buyer)
    assert await member.refusal_codes("recordPayment", given) == ["OWN_ORDER"], "it is paid out"
    assert (await world.fresh(order)).state is OrderState.PENDING


async def test_another_amount_currency_or_reference_is_refused(world: World, api: Client) -> None:
    desk = await Desk(world, api).open()
    assert await desk.codes(amount=PRICE - 1) == ["PAYMENT_MISMATCH"]
    assert await desk.codes(amount=PRICE + 1) == ["PAYMENT_MISMATCH"]
    assert await desk.codes(currency="USD") == ["PAYMENT_MISMATCH"]
    assert await desk.codes(amount=0) == ["INVALID_INPUT"]
    assert await desk.codes(reference=" ") == ["INVALID_INPUT"]
    other = await Desk(world, api).open()
    assert await other.codes(reference="UTR 1") == []
    assert await desk.codes(reference="UTR 1") == ["PAYMENT_REFERENCE_TAKEN"]
    assert (await desk.buyer.order()).state is OrderState.PENDING
    assert await desk.stock() == (10, 1)
    await check_invariants(world.database)


async def test_payments_are_split_over_the_vendors(world: World, api: Client) -> None:
    shops = [await Stall.open(world) for _ in range(3)]
    buyer = await Buyer.create(world, api)
    await world.fund(buyer.user, 5_000)
    await buyer.fill(*(shop.variant for shop in shops), wallet=5_000)
    await buyer.place(3 * PRICE)
    admin = api.signed_in(await world.admin())
    input = await order_input(buyer, 3 * PRICE - 5_000)
    assert await admin.refusal_codes("recordPayment", input) == []
    async with world.database.session() as session:
        sums = (
            select(PaymentSplit.suborder_id, func.sum(PaymentSplit.captured))
            .join(Payment, col(Payment.id) == PaymentSplit.payment_id)
            .group_by(col(PaymentSplit.suborder_id))
        )
        assert [int(one) for _, one in await session.exec(sums)] == [PRICE] * 3
    assert await world.wallet(buyer.user) == (0, 0, 0)
    await check_invariants(world.database)


async def test_a_late_payment_takes_everything_again(world: World, api: Client) -> None:
    code = await world.promo_code(value=1_000)
    desk = await Desk(world, api).open()
    buyer = await Buyer.create(world, api)
    await world.fund(buyer.user, 4_000)
    await buyer.fill(desk.shop.variant, wallet=4_000, codes=(code,))
    assert (await buyer.place(9_000))["errors"] == []
    await buyer.expire()
    assert (await world.fresh(code)).used == 0
    assert await world.wallet(buyer.user) == (4_000, 0, 0)
    assert await desk.stock() == (10, 1)
    await check_invariants(world.database)
    input = await order_input(buyer, 5_000)
    assert await desk.admin.refusal_codes("recordPayment", input) == []
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert (await buyer.parts())[0].state is SubOrderState.CONFIRMED
    assert (await world.fresh(code)).used == 1
    assert await world.wallet(buyer.user) == (0, 0, 0)
    assert await desk.stock() == (9, 1)
    await check_invariants(world.database)


async def test_the_refund_of_a_late_payment_goes_where_it_came_from(
    world: World, api: Client
) -> None:
    """Promotional money that was held went back when the order expired. The balance has paid."""
    desk = await Desk(world, api).open()
    buyer = await Buyer.create(world, api)
    await world.fund(buyer.user, 0, promo=4_000)
    await buyer.fill(desk.shop.variant, wallet=4_000)
    assert (await buyer.place())["errors"] == []
    await buyer.expire()
    await world.fund(buyer.user, 4_000)
    input = await order_input(buyer, PRICE - 4_000)
    assert await desk.admin.refusal_codes("recordPayment", input) == []
    assert await world.wallet(buyer.user) == (0, 4_000, 0)
    cancel = {"orderId": gid(await buyer.order()), "idempotencyKey": "cancel"}
    assert await buyer.client.refusal_codes("cancelOrder", cancel) == []
    assert await world.wallet(buyer.user) == (4_000, 4_000, 0)
    await check_invariants(world.database)


async def test_a_late_payment_is_refused_whole_if_anything_is_gone(
    world: World, api: Client
) -> None:
    desk = await Desk(world, api).open(on_hand=1)
    await desk.buyer.expire()
    other = await (await Buyer.create(world, api)).fill(desk.shop.variant)
    assert (await other.place())["errors"] == []
    assert await desk.codes() == ["INSUFFICIENT_STOCK"]
    order = await desk.buyer.order()
    assert (order.state, order.paid, order.confirmed_at) == (OrderState.EXPIRED, 0, None)
    assert await desk.stock() == (1, 1)
    await check_invariants(world.database)


async def test_a_cancelled_order_is_not_paid(world: World, api: Client) -> None:
    desk = await Desk(world, api).open()
    cancel = {"orderId": gid(await desk.buyer.order()), "idempotencyKey": "cancel"}
    assert await desk.buyer.client.refusal_codes("cancelOrder", cancel) == []
    assert await desk.codes() == ["ORDER_STATE"]
    assert await desk.stock() == (10, 0)
    await check_invariants(world.database)
