"""Carts, checkouts and orders behave as a small model, whatever users and vendors do.

Four users buy from three vendors, who have few units. Each step is refused exactly if the model
refuses it, and leaves books that are balanced. After a run, all rows are swept, and states, units,
stock and wallets are the model's.
`ORDER_MACHINE_EXAMPLES` sets the number of runs, which are other ones each time then.
"""

import asyncio
import os
from collections.abc import Collection, Coroutine
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings, stateful
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from services.stock.goods import Goods
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books, sum_balances
from tests.services.orders.machine import model
from tests.services.orders.machine.model import CODE_USES, DELIVERED, PRICES, VENDOR_OF, Model
from tests.services.orders.machine.product import DrivenProduct, code_of, key

EXAMPLES = os.environ.get("ORDER_MACHINE_EXAMPLES")
STEPS = 30
USERS = st.integers(0, 3)
VARIANTS = st.integers(0, len(PRICES) - 1)
UNITS = st.integers(1, 3)
GOODS = st.dictionaries(VARIANTS, UNITS, min_size=1, max_size=3)
WALLETS = st.sampled_from([0, 0, 30_000, 200_000])
PLACES = st.integers(0, 5)  # of a part or a line, modulo their number


class OrderMachine(RuleBasedStateMachine):
    """Drives services and the model. `world` and `loop` are set by the test."""

    world: World
    loop: asyncio.AbstractEventLoop
    orders: Bundle[model.ModelOrder] = Bundle("orders")
    sold: Bundle[model.ModelOrder] = Bundle("sold")
    returns: Bundle[model.Return] = Bundle("returns")

    def __init__(self) -> None:
        super().__init__()
        self.ids: dict[model.ModelOrder | model.Return, UUID] = {}
        self.parts: dict[model.ModelPart, UUID] = {}
        self.lines: dict[int, UUID] = {}  # by id() of the line
        self.carts: dict[int, UUID] = {}
        self.checkouts: dict[int, UUID] = {}  # also those that were ordered
        self.placed: dict[int, tuple[Any, ...]] = {}  # the last request of each user

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result()

    def attempt(self, expected: set[str], step: Coroutine[Any, Any, Any]) -> Any:
        """Run a step, which is refused with one of these codes, or is not if there are none."""
        code, result = self.run(code_of(step))
        wanted: set[str | None] = {*expected} or {None}
        assert code in wanted, f"{code} instead of {expected or 'success'}"
        return result

    @initialize(
        on_hand=st.lists(st.integers(2, 8), min_size=6, max_size=6),
        wallets=st.lists(WALLETS, min_size=4, max_size=4),
    )
    def open(self, on_hand: list[int], wallets: list[int]) -> None:
        self.product = self.run(DrivenProduct.open(self.world, on_hand, wallets, CODE_USES))
        self.model = Model([*on_hand], [*wallets])

    @rule(user=USERS, variant=VARIANTS, units=UNITS)
    def add_to_cart(self, user: int, variant: int, units: int) -> None:
        self.carts[user] = self.run(self.product.add(user, variant, units))
        cart = self.model.carts[user]
        cart[variant] = cart.get(variant, 0) + units

    @rule(user=USERS, variant=VARIANTS, units=st.integers(0, 3))
    def set_line(self, user: int, variant: int, units: int) -> None:
        self.run(self.product.set_line(user, variant, units))
        self.model.carts[user].pop(variant, None)
        if units:
            self.model.carts[user][variant] = units

    @rule(user=USERS)
    def check_out(self, user: int) -> None:
        if user in self.carts:
            self.checkouts[user] = self.run(self.product.check_out(user, self.carts[user]))
            self.model.checkouts.setdefault(user, model.ModelCheckout())

    @rule(user=USERS, vendor=st.sampled_from(DELIVERED))
    def choose_delivery(self, user: int, vendor: int) -> None:
        if user in self.model.checkouts:
            needed = any(VENDOR_OF[variant] == vendor for variant in self.model.carts[user])
            step = self.product.choose(user, self.checkouts[user], vendor)
            self.attempt(set() if needed else {"NOT_FOUND"}, step)
            if needed:
                self.model.checkouts[user].chosen.add(vendor)

    @rule(user=USERS)
    def enter_code(self, user: int) -> None:
        if checkout := self.model.checkouts.get(user):
            codes = set() if checkout.coded else self.model.code_problems(user)
            if not checkout.coded and not self.model.carts[user]:
                codes = codes | {"PROMO_NOT_APPLICABLE"}
            self.attempt(codes, self.product.enter_code(user, self.checkouts[user]))
            checkout.coded = checkout.coded or not codes

    @rule(user=USERS, amount=st.sampled_from([0, 5_000, 10**9]))
    def use_wallet(self, user: int, amount: int) -> None:
        if user in self.model.checkouts:
            self.run(self.product.use_wallet(user, self.checkouts[user], amount))
            self.model.checkouts[user].wallet = amount

    @rule(target=orders, user=USERS, right=st.booleans())
    def place(self, user: int, right: bool) -> Any:
        """Place an order, with the total that the buyer sees or another one."""
        if user not in self.checkouts:
            return multiple()
        checkout_id, total = self.checkouts[user], 1
        if user in self.model.checkouts:
            total = self.run(self.product.total(user, checkout_id))
            assert total == self.model.total(user)
        request = (user, checkout_id, total if right else total + 1, key())
        known = len(self.model.orders)
        codes = self.model.place(user, right=right)
        order_id = self.attempt(codes, self.product.place(*request))
        if codes:
            return multiple()
        self.placed[user] = (*request, order_id)
        (order,) = self.model.orders[known:]
        self._learn(order, order_id)
        return order

    def _learn(self, order: model.ModelOrder, order_id: UUID) -> None:
        self.ids[order] = order_id
        parts = self.run(self.product.parts(order_id))
        lines = self.run(self.product.lines(order_id))
        for part in order.parts:
            self.parts[part] = parts[self.product.vendors[part.vendor].id].id
            for line in part.lines:
                self.lines[id(line)] = lines[self.product.variants[line.variant].id].id

    @rule(target=orders, user=USERS, wanted=GOODS)
    def buy(self, user: int, wanted: dict[int, int]) -> Any:
        """Do all that an order takes at once, so that runs have many of them."""
        for variant in self.model.carts[user].keys() - wanted.keys():
            self.set_line(user, variant, 0)
        for variant, units in wanted.items():
            self.add_to_cart(user, variant, units)
        self.check_out(user)
        for vendor in {VENDOR_OF[variant] for variant in wanted}.intersection(DELIVERED):
            self.choose_delivery(user, vendor)
        return self.place(user, right=True)

    @rule(target=sold, user=USERS, wanted=GOODS, then=st.sampled_from([0, 1, 2, 2]))
    def sell(self, user: int, wanted: dict[int, int], then: int) -> Any:
        """Buy and pay, then ship all, then deliver, for what happens after that."""
        order = self.buy(user, wanted)
        if not isinstance(order, model.ModelOrder):
            return multiple()
        if not order.paid:
            self.pay(order)
        if then:
            self.ship_all(order)
        for place in range(len(order.parts) * (then - 1)):
            self.deliver(order, place)
        return order

    @rule(user=USERS, wanted=GOODS)
    def sell_and_cancel(self, user: int, wanted: dict[int, int]) -> None:
        """Buy, pay and cancel at once, so that runs have units that are put back."""
        order = self.sell(user, wanted, 0)
        if isinstance(order, model.ModelOrder):
            self.cancel(order)

    @rule(user=USERS, changed=st.booleans())
    def place_again(self, user: int, changed: bool) -> None:
        """Repeat the last request of a user, as it was or with another total."""
        if user in self.placed:
            user, checkout_id, total, request_key, order_id = self.placed[user]
            step = self.product.place(user, checkout_id, total + changed, request_key)
            codes = {"IDEMPOTENCY_KEY_REUSED"} if changed else set()
            assert self.attempt(codes, step) == (None if changed else order_id)

    @rule(order=orders)
    def pay(self, order: model.ModelOrder) -> None:
        self.attempt(self.model.pay(order), self.product.pay(self.ids[order]))

    @rule(order=orders)
    def end_hold(self, order: model.ModelOrder) -> None:
        """Let the time pass in which the order is to be paid. The job is late."""
        self.run(self.product.end_hold(self.ids[order]))
        order.over = True

    @rule(order=orders)
    def expire(self, order: model.ModelOrder) -> None:
        ends = order.state == "PENDING" and order.over
        assert self.run(self.product.expire(self.ids[order])) == ends
        if ends:
            self.model.end_unpaid(order, "EXPIRED")

    @rule(order=sold | orders)
    def cancel(self, order: model.ModelOrder) -> None:
        step = self.product.cancel(order.user, self.ids[order])
        self.attempt(self.model.cancel(order), step)
        self._note_refunds()

    @rule(order=sold | orders, place=PLACES)
    def accept(self, order: model.ModelOrder, place: int) -> None:
        part = _pick(order.parts, place)
        step = self.product.accept(part.vendor, self.parts[part])
        self.attempt(self.model.accept(order, part), step)

    @rule(order=sold | orders, place=PLACES)
    def reject(self, order: model.ModelOrder, place: int) -> None:
        part = _pick(order.parts, place)
        step = self.product.reject(part.vendor, self.parts[part])
        self.attempt(self.model.reject(order, part), step)
        self._note_refunds()

    @rule(order=sold | orders, place=PLACES, units=UNITS)
    def cancel_units(self, order: model.ModelOrder, place: int, units: int) -> None:
        part, line = _pick_line(order, place)
        ids = part.vendor, self.parts[part], self.lines[id(line)]
        codes = self.model.cancel_units(order, part, line, units)
        self.attempt(codes, self.product.cancel_units(*ids, units))
        self._note_refunds()

    @rule(order=sold | orders, place=PLACES, units=UNITS)
    def ship(self, order: model.ModelOrder, place: int, units: int) -> None:
        part, line = _pick_line(order, place)
        ids = part.vendor, self.parts[part], self.lines[id(line)]
        codes = self.model.ship(order, part, line, units)
        self.attempt(codes, self.product.ship(*ids, units))

    @rule(order=sold | orders)
    def ship_all(self, order: model.ModelOrder) -> None:
        for part in order.parts:
            for line in part.lines:
                ids = part.vendor, self.parts[part], self.lines[id(line)]
                units = line.open or 1
                codes = self.model.ship(order, part, line, units)
                self.attempt(codes, self.product.ship(*ids, units))

    @rule(order=sold, place=PLACES)
    def deliver(self, order: model.ModelOrder, place: int) -> None:
        part = _pick(order.parts, place)
        step = self.product.deliver(order.user, self.parts[part])
        self.attempt(self.model.deliver(part), step)

    @rule(order=sold, place=PLACES)
    def release(self, order: model.ModelOrder, place: int) -> None:
        part = _pick(order.parts, place)
        part.over = part.over or part.state == "DELIVERED"
        self.run(self.product.release(self.parts[part]))
        self.model.release()

    @rule(target=returns, order=sold, place=PLACES, units=UNITS)
    def request_return(self, order: model.ModelOrder, place: int, units: int) -> Any:
        part, line = _pick_line(order, place)
        ids = order.user, self.parts[part], self.lines[id(line)]
        codes = self.model.request_return(part, line, units)
        return_id = self.attempt(codes, self.product.request_return(*ids, units))
        if codes:
            return multiple()
        request = model.Return(order, part, line, units)
        self.ids[request] = return_id
        return request

    @rule(
        request=returns,
        state=st.sampled_from(["ACCEPTED", "ACCEPTED", "RECEIVED", "RECEIVED", "WITHDRAWN"]),
        restock=st.booleans(),
    )
    def end_return(self, request: model.Return, state: str, restock: bool) -> None:
        ids = request.order.user, request.part.vendor, self.ids[request]
        codes = self.model.end_return(request, state, restock=restock)
        self.attempt(codes, self.product.end_return(*ids, state, restock=restock))
        self._note_refunds()

    @rule(order=sold, place=PLACES, units=UNITS)
    def goodwill(self, order: model.ModelOrder, place: int, units: int) -> None:
        part, line = _pick_line(order, place)
        ids = part.vendor, self.parts[part], self.lines[id(line)]
        codes = self.model.goodwill(order, line, units)
        self.attempt(codes, self.product.goodwill(*ids, units))
        self._note_refunds()

    def _note_refunds(self) -> None:
        self.model.back = self.run(self.product.refunded_to_wallets())

    @invariant()
    def balance_the_books(self) -> None:
        """Check after each step that the balances of each currency sum to zero."""
        sums: dict[str, int] = self.run(sum_balances(self.world.database))
        assert not any(sums.values()), sums

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.run(self._compare())

    async def _compare(self) -> None:
        """Sweep all rows, and compare those of the run with the model."""
        await check_invariants(self.world.database)
        await check_books(self.world.database)
        for number, variant in enumerate(self.product.variants):
            stock = await self.world.stock(variant)
            expected = self.model.on_hand[number], self.model.reserved(number)
            assert (stock.on_hand, stock.reserved) == expected
        for number, user in enumerate(self.product.users):
            balance, _, held = await self.world.wallet(user)
            unpaid = [one for one in self.model.orders if one.state == "PENDING"]
            assert held == sum(one.wallet for one in unpaid if one.user == number)
            assert balance == self.model.balance(number)
        code = await self.world.fresh(self.product.code)
        assert code.used == len(self.model.uses)
        for order in self.model.orders:
            await self._compare_order(order)

    async def _compare_order(self, order: model.ModelOrder) -> None:
        id = self.ids[order]
        rows, parts = await self.product.lines(id), await self.product.parts(id)
        for part in order.parts:
            row = parts[self.product.vendors[part.vendor].id]
            assert row.state == part.state
            assert (row.order_id, row.confirmed_at is not None) == (id, order.paid)
            for line in part.lines:
                found = rows[self.product.variants[line.variant].id]
                assert (found.cancelled, found.shipped, found.refunded, found.returned) == (
                    line.cancelled,
                    line.shipped,
                    line.refunded,
                    line.returned,
                )
        state, total = await self.product.state(id)
        assert (state, total) == (order.state, order.total)


def _pick(parts: list[model.ModelPart], place: int) -> model.ModelPart:
    return parts[place % len(parts)]


def _pick_line(order: model.ModelOrder, place: int) -> tuple[model.ModelPart, model.ModelLine]:
    lines = [(part, line) for part in order.parts for line in part.lines]
    return lines[place % len(lines)]


async def drive(world: World, *, examples: int, phases: Collection[Phase]) -> None:
    """Run the machine in a thread; its steps run in the loop of the test."""
    await world.tax_rate()
    OrderMachine.world, OrderMachine.loop = world, asyncio.get_running_loop()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(stateful.run_state_machine_as_test, OrderMachine, settings=chosen)


async def test_orders_behave_as_the_model(world: World) -> None:
    await drive(world, examples=int(EXAMPLES or 15), phases=[Phase.generate, Phase.shrink])


async def test_the_machine_finds_units_that_are_not_put_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(*_: object) -> None:
        pass

    monkeypatch.setattr(Goods, "take_back", lose)
    with pytest.raises(AssertionError):
        await drive(world, examples=100, phases=[Phase.generate])
