"""A model of carts, checkouts, orders and stock: counters alone, without a database.

Each method returns the codes with which the product may refuse the step, and changes the model only
if there are none.
"""

from dataclasses import dataclass, field

PRICES = (20_000, 5_000, 10_000, 3_000, 7_000, 12_000)  # of the variants; a tenth is a whole number
VENDOR_OF = (0, 0, 1, 1, 2, 2)
DELIVERED = (1, 2)  # vendors whose goods are delivered
DELIVERY, CODE_SHARE, CODE_USES = 4_900, 10, 3
CAN_BE_CANCELLED = {"CONFIRMED", "PREPARING"}
FINAL = {"CANCELLED", "RELEASED", "RETURNED"}
Codes = set[str]


@dataclass
class ModelLine:
    variant: int
    quantity: int
    cancelled: int = 0
    shipped: int = 0
    refunded: int = 0
    returned: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.cancelled - self.shipped

    @property
    def kept(self) -> int:
        return self.shipped + self.cancelled - self.refunded

    def cancel(self, units: int) -> None:
        self.cancelled += units
        self.refunded += units


@dataclass(eq=False)
class ModelPart:
    vendor: int
    lines: list[ModelLine]
    state: str = "PENDING"
    over: bool = False  # the time for returns
    returning: bool = False

    def follow(self) -> None:
        """Change the state after units changed."""
        shipped = sum(line.shipped for line in self.lines)
        if any(line.open for line in self.lines):
            return
        if not shipped:
            self.state = "CANCELLED"
        elif self.state in {"SHIPPED", "DELIVERED"}:
            if shipped == sum(line.returned for line in self.lines):
                self.state = "RETURNED"
        elif self.state in CAN_BE_CANCELLED:
            self.state = "SHIPPED"


@dataclass(eq=False)
class ModelOrder:
    user: int
    parts: list[ModelPart]
    total: int
    wallet: int
    coded: bool
    state: str = "PENDING"
    paid: bool = False
    over: bool = False  # the time to pay

    @property
    def quantities(self) -> dict[int, int]:
        return {line.variant: line.quantity for part in self.parts for line in part.lines}

    def become(self, state: str, of_parts: str) -> None:
        self.state = state
        for part in self.parts:
            part.state = of_parts

    def end(self) -> None:
        """End the order if all parts have ended."""
        states = {part.state for part in self.parts}
        if self.state == "CONFIRMED" and states <= FINAL:
            self.state = "CANCELLED" if states == {"CANCELLED"} else "COMPLETED"


@dataclass
class ModelCheckout:
    chosen: set[int] = field(default_factory=set)
    coded: bool = False
    wallet: int = 0


@dataclass(eq=False)
class Return:
    order: ModelOrder
    part: ModelPart
    line: ModelLine
    units: int
    state: str = "REQUESTED"


@dataclass
class Model:
    """The `wallets` are without `back`, the money that refunds have paid into them."""

    on_hand: list[int]
    wallets: list[int]
    back: list[int] = field(default_factory=lambda: [0] * 4)
    carts: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(4)])
    checkouts: dict[int, ModelCheckout] = field(
        default_factory=dict
    )  # by the user, those that are open
    orders: list[ModelOrder] = field(default_factory=list)

    def balance(self, user: int) -> int:
        return self.wallets[user] + self.back[user]

    def reserved(self, variant: int) -> int:
        held = [one for one in self.orders if one.state == "PENDING"]
        return sum(one.quantities.get(variant, 0) for one in held)

    def lacks(self, quantities: dict[int, int]) -> bool:
        return any(
            number > self.on_hand[variant] - self.reserved(variant)
            for variant, number in quantities.items()
        )

    @property
    def uses(self) -> list[int]:
        """Return the users who have used the code, once for each use."""
        taken = [one for one in self.orders if one.state == "PENDING" or one.paid]
        return [one.user for one in taken if one.coded]

    def code_problems(self, user: int) -> Codes:
        used_up = {"PROMO_USED_UP"} if len(self.uses) >= CODE_USES else set()
        return used_up | ({"PROMO_USE_LIMIT_REACHED"} if user in self.uses else set())

    def total(self, user: int) -> int:
        cart, checkout = self.carts[user], self.checkouts[user]
        goods = sum(PRICES[variant] * number for variant, number in cart.items())
        vendors = {VENDOR_OF[variant] for variant in cart}
        discount = goods // CODE_SHARE if checkout.coded and not self.code_problems(user) else 0
        return goods - discount + DELIVERY * len(vendors & checkout.chosen)

    def contest(self, user: int) -> Codes:
        """End the user's own holds of the same goods, and dead ones if there are too few."""
        cart = self.carts[user]
        rivals = [
            one
            for one in self.orders
            if one.state == "PENDING" and one.quantities.keys() & cart.keys()
        ]
        for order in rivals:
            if order.user == user:
                self.end_unpaid(order, "CANCELLED")
        if self.lacks(cart):
            for order in rivals:
                if order.state == "PENDING" and order.over:
                    self.end_unpaid(order, "EXPIRED")
        return {"INSUFFICIENT_STOCK"} if self.lacks(cart) else set()

    def problems(self, user: int) -> Codes:
        cart, checkout, found = self.carts[user], self.checkouts[user], set()
        vendors = {VENDOR_OF[variant] for variant in cart}
        if not cart:
            found |= {"CHECKOUT_EMPTY", "PROMO_NOT_APPLICABLE"}
        if vendors.intersection(DELIVERED) - checkout.chosen:
            found.add("DELIVERY_NOT_CHOSEN")
        if checkout.coded:
            found |= self.code_problems(user)
        held = sum(one.wallet for one in self.holding_money(user))
        if min(checkout.wallet, self.total(user)) > self.balance(user) + held:
            found.add("WALLET_TOO_LOW")
        return found

    def holding_money(self, user: int) -> list[ModelOrder]:
        """Return the user's unpaid orders that hold money of the wallet, the oldest first."""
        own = [one for one in self.orders if one.user == user and one.state == "PENDING"]
        return [one for one in own if one.wallet]

    def place(self, user: int, *, right: bool) -> Codes:
        if user not in self.checkouts:
            return {"CHECKOUT_EXPIRED"}
        codes = self.contest(user) or self.problems(user) or (set() if right else {"TOTAL_CHANGED"})
        if codes:
            return codes
        total, checkout = self.total(user), self.checkouts.pop(user)
        for order in self.holding_money(user):
            if min(checkout.wallet, total) > self.balance(user):
                self.end_unpaid(order, "CANCELLED")
        cart, self.carts[user] = self.carts[user], {}
        by_vendor: dict[int, list[ModelLine]] = {}
        for variant, number in cart.items():
            by_vendor.setdefault(VENDOR_OF[variant], []).append(ModelLine(variant, number))
        parts = [ModelPart(vendor, lines) for vendor, lines in by_vendor.items()]
        order = ModelOrder(user, parts, total, min(checkout.wallet, total), checkout.coded)
        self.orders.append(order)
        self.wallets[user] -= order.wallet
        if order.wallet == total:
            self._confirm(order)
        return set()

    def _confirm(self, order: ModelOrder) -> None:
        order.become("CONFIRMED", "CONFIRMED")
        order.paid = True
        for variant, number in order.quantities.items():
            self.on_hand[variant] -= number

    def pay(self, order: ModelOrder) -> Codes:
        if order.paid:
            return {"ORDER_PAID"}
        if order.state == "CANCELLED":
            return {"ORDER_STATE"}
        if order.state == "EXPIRED":
            codes = self.code_problems(order.user) if order.coded else set()
            if order.wallet > self.balance(order.user):
                codes = codes | {"WALLET_TOO_LOW"}
            if self.lacks(order.quantities):
                codes = codes | {"INSUFFICIENT_STOCK"}
            if codes:
                return codes
            self.wallets[order.user] -= order.wallet
        self._confirm(order)
        return set()

    def end_unpaid(self, order: ModelOrder, state: str) -> None:
        order.become(state, "CANCELLED")
        self.wallets[order.user] += order.wallet

    def cancel(self, order: ModelOrder) -> Codes:
        if order.state == "PENDING":
            self.end_unpaid(order, "CANCELLED")
            return set()
        open = [one for one in order.parts if one.state in CAN_BE_CANCELLED]
        if order.state != "CONFIRMED" or not open:
            return {"ORDER_STATE"}
        for part in open:
            self._cancel_rest(part)
        order.end()
        return set()

    def _cancel_rest(self, part: ModelPart) -> None:
        for line in part.lines:
            self.on_hand[line.variant] += line.open
            line.cancel(line.open)
        part.follow()

    def accept(self, order: ModelOrder, part: ModelPart) -> Codes:
        if not order.paid:
            return {"NOT_FOUND"}
        if part.state not in CAN_BE_CANCELLED:
            return {"ORDER_STATE"}
        part.state = "PREPARING"
        return set()

    def reject(self, order: ModelOrder, part: ModelPart) -> Codes:
        if not order.paid:
            return {"NOT_FOUND"}
        if part.state not in CAN_BE_CANCELLED or any(line.shipped for line in part.lines):
            return {"ORDER_STATE"}
        self._cancel_rest(part)
        order.end()
        return set()

    def cancel_units(
        self, order: ModelOrder, part: ModelPart, line: ModelLine, units: int
    ) -> Codes:
        if not order.paid:
            return {"NOT_FOUND"}
        if part.state not in CAN_BE_CANCELLED:
            return {"ORDER_STATE"}
        if units > line.open:
            return {"TOO_MANY_UNITS"}
        line.cancel(units)
        self.on_hand[line.variant] += units
        part.follow()
        order.end()
        return set()

    def ship(self, order: ModelOrder, part: ModelPart, line: ModelLine, units: int) -> Codes:
        if not order.paid:
            return {"NOT_FOUND"}
        if part.state not in CAN_BE_CANCELLED:
            return {"ORDER_STATE"}
        if units > line.open:
            return {"TOO_MANY_UNITS"}
        part.state = "PREPARING"
        line.shipped += units
        part.follow()
        return set()

    def deliver(self, part: ModelPart) -> Codes:
        if part.state not in {"SHIPPED", "DELIVERED"}:
            return {"ORDER_STATE"}
        part.state = "DELIVERED"
        return set()

    def release(self) -> None:
        """Release what can no longer be returned."""
        for order in self.orders:
            for part in order.parts:
                if part.state == "DELIVERED" and part.over and not part.returning:
                    part.state = "RELEASED"
                    order.end()

    def request_return(self, part: ModelPart, line: ModelLine, units: int) -> Codes:
        if part.state == "RELEASED" or (part.state == "DELIVERED" and part.over):
            return {"RETURN_PERIOD_OVER"}
        if part.state not in {"SHIPPED", "DELIVERED"}:
            return {"ORDER_STATE"}
        if units > line.kept:
            return {"TOO_MANY_UNITS"}
        if part.returning:
            return {"RETURN_OPEN"}
        part.returning = True
        return set()

    def end_return(self, one: Return, state: str, *, restock: bool = False) -> Codes:
        """Accept, withdraw or receive a return."""
        before = {
            "ACCEPTED": {"REQUESTED"},
            "WITHDRAWN": {"REQUESTED", "ACCEPTED"},
            "RECEIVED": {"ACCEPTED"},
        }
        if one.state not in before[state]:
            return {"RETURN_STATE"}
        if state == "RECEIVED":
            if one.units > one.line.kept:
                return {"TOO_MANY_UNITS"}
            one.line.refunded += one.units
            one.line.returned += one.units
            self.on_hand[one.line.variant] += one.units * restock
        one.state, one.part.returning = state, state == "ACCEPTED"
        if state == "RECEIVED":
            one.part.follow()
            one.order.end()
        return set()

    def goodwill(self, order: ModelOrder, line: ModelLine, units: int) -> Codes:
        if not order.paid:
            return {"NOT_FOUND"}
        if units > line.kept:
            return {"TOO_MANY_UNITS"}
        line.refunded += units
        return set()
