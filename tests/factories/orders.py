"""Orders that were placed and paid, with the stock that they took, written as rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col, select

from core.clock import now
from core.ids import new_id
from models.addresses import AddressDetails, PostalAddress
from models.checkouts import Checkout, CheckoutState
from models.identity.accounts import User
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.orders.lines import LineKind, LineTax, OrderLine
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState, PaymentState, SubOrderState
from models.orders.timeline import OrderActor, OrderStep, OrderStepKind
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.pricing.amounts import share, split
from models.pricing.deductions import DeductionRates
from models.pricing.taxes import Rate, Rates, TaxComponent, Taxed, tax
from models.stock.levels import MovementKind, Stock, StockMovement
from models.stock.reservations import Reservation, ReservationState
from models.vendors import Vendor
from services.ledger.posting import post_entries
from services.ledger.wallets import hold_wallet
from services.orders.placing.building import new_number
from services.orders.placing.confirming import Confirmed, post_money
from services.orders.rows import WholeOrder
from tests.factories.catalog import CatalogRows

ADDRESS = PostalAddress(
    "IN",
    AddressDetails(
        recipient="Asha Rao",
        street_lines=["12 MG Road"],
        city="Bengaluru",
        subdivision="Karnataka",
        pin_code="560001",
        phone="+919800000001",
    ),
)
RATES = (Rate(TaxComponent.IGST, 500),)


@dataclass(frozen=True)
class LinePrice:
    """How each line of an order is priced. The discounts are of a line, and at most its goods."""

    unit: int
    quantity: int
    rates: Rates = RATES
    inclusive: bool = True
    vendor_discount: int = 0
    platform_discount: int = 0

    @property
    def goods(self) -> int:
        return self.unit * self.quantity

    @property
    def taxed(self) -> int:
        return self.goods - self.vendor_discount


SUMS = (
    "goods",
    "vendor_discount",
    "platform_discount",
    "shipping",
    "tax_added",
    "tax_included",
    "rounding",
    "total",
)


def empty_order(user: User, order_id: UUID | None = None) -> tuple[Checkout, Order]:
    """Return an order of nothing, and its checkout: what uses of promo codes refer to."""
    checkout = Checkout(
        cart_id=new_id(),
        user_id=user.id,
        state=CheckoutState.ORDERED,
        currency="INR",
        expires_at=now(),
    )
    order = Order(
        id=order_id or new_id(),
        number=new_number(),
        user_id=user.id,
        checkout_id=checkout.id,
        payment_state=PaymentState.PAID,
        currency="INR",
        goods=0,
        total=0,
        country="IN",
        hold_until=now(),
    )
    return checkout, order


@dataclass
class PlacedOrder:
    """An order with its rows. `lines` are those of all parts, in their order."""

    order: Order
    suborders: list[SubOrder] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    def lines_of(self, suborder: SubOrder) -> list[OrderLine]:
        return [line for line in self.lines if line.suborder_id == suborder.id]


class OrderRows(CatalogRows):
    """Creates orders."""

    async def placed_order(
        self,
        user: User,
        vendors: Sequence[Vendor],
        *,
        lines: int = 1,
        quantity: int = 2,
        unit: int = 10_000,
        shipping: int = 500,
        wallet: int = 0,
        state: SubOrderState = SubOrderState.CONFIRMED,
        rates: DeductionRates | None = None,
        tax_rates: Rates = RATES,
        inclusive: bool = True,
        vendor_discount: int = 0,
        platform_discount: int = 0,
        **values: Any,
    ) -> PlacedOrder:
        """Return a paid order, with so many lines of goods in each vendor's part.

        The delivery is split over the lines, tax of 5 % is included unless other `tax_rates` are
        given or it is not `inclusive`, the discounts are of each line, and `wallet` minor units of
        the price were paid from the wallet. The ledger has its money, of which the platform keeps
        the part of `rates`.
        """
        price = LinePrice(unit, quantity, tax_rates, inclusive, vendor_discount, platform_discount)
        order_id, checkout_id = new_id(), new_id()
        placed = PlacedOrder(Order(id=order_id, **self._order(user, checkout_id, order_id)))
        extra: list[Any] = []
        for position, vendor in enumerate(vendors):
            part, own, more = await self._part(
                order_id, vendor, position, lines, price, shipping, state
            )
            _deduct(part, own, rates or DeductionRates())
            placed.suborders.append(part)
            placed.lines += own
            extra += more
        for name in SUMS:
            setattr(placed.order, name, sum(getattr(one, name) for one in placed.suborders))
        total = placed.order.total
        placed.order.paid = total
        placed.order.currency = vendors[0].currency
        placed.payments, splits = self._payments(placed, wallet)
        for name, value in values.items():
            setattr(placed.order, name, value)
        checkout = Checkout(
            id=checkout_id,
            cart_id=new_id(),
            user_id=user.id,
            state=CheckoutState.ORDERED,
            currency=placed.order.currency,
            expires_at=now(),
        )
        step = OrderStep(
            order_id=order_id,
            kind=OrderStepKind.PLACED,
            actor=OrderActor.BUYER,
            user_id=user.id,
        )
        await self._sell(placed)
        await self.save(
            checkout, placed.order, *placed.suborders, *placed.lines, *extra, *placed.payments,
            *splits, step,
        )  # fmt: skip
        await self._post(placed, user, Confirmed(splits, []), wallet)
        return placed

    async def _post(
        self, placed: PlacedOrder, user: User, confirmed: Confirmed, wallet: int
    ) -> None:
        """Post the money of an order. That of the wallet was paid in at the bank before."""
        order = placed.order
        rows = WholeOrder(order, placed.suborders, placed.lines, placed.payments)
        async with self.database.session() as session, session.begin():
            if wallet:
                paid_in = Leg(
                    Account(AccountKind.BANK, order.currency),
                    Account(AccountKind.WALLET, order.currency, user.id),
                    wallet,
                )
                await post_entries(session, Posting(PostingKind.PURCHASE, new_id()), [paid_in])
            await hold_wallet(
                session,
                user_id=user.id,
                currency=order.currency,
                order_id=order.id,
                amount=wallet,
            )
            await post_money(session, rows, confirmed)

    def _order(self, user: User, checkout_id: Any, order_id: Any) -> dict[str, Any]:
        return {
            "number": new_number(),
            "user_id": user.id,
            "checkout_id": checkout_id,
            "state": OrderState.CONFIRMED,
            "payment_state": PaymentState.PAID,
            "currency": "INR",
            "goods": 0,
            "total": 0,
            "country": "IN",
            "ship_to": self.sealer.seal("order.ship_to", order_id, ADDRESS.encode()),
            "hold_until": now(),
            "confirmed_at": now(),
        }

    async def _part(
        self,
        order_id: Any,
        vendor: Vendor,
        position: int,
        lines: int,
        price: LinePrice,
        shipping: int,
        state: SubOrderState,
    ) -> tuple[SubOrder, list[OrderLine], list[Any]]:
        quantity = price.quantity
        product = await self.product(
            vendor, variants=lines, price=price.unit, on_hand=quantity + 10
        )
        part = SubOrder(
            order_id=order_id,
            vendor_id=vendor.id,
            position=position,
            rate_name="Courier",
            state=state,
            confirmed_at=None if state == SubOrderState.PENDING else now(),
            goods=price.goods * lines,
            shipping=shipping,
            total=0,
            vendor_net=0,
        )
        shares, own, more = split(shipping, [price.unit] * lines), [], []
        variants = await self.variants(product)
        gross = [price.taxed + share for share in shares]
        taxed = [Taxed(one.id, gross[place], price.rates) for place, one in enumerate(variants)]
        (group,) = tax(taxed, inclusive=price.inclusive)
        for place, variant in enumerate(variants):
            base = group.lines[variant.id]
            added = 0 if price.inclusive else base.tax
            line = OrderLine(
                suborder_id=part.id,
                position=place,
                kind=LineKind.GOODS,
                ref_id=variant.id,
                locale=product.locale,
                title=product.title,
                sku=variant.sku,
                weight_g=0,
                quantity=quantity,
                unit=price.unit,
                goods=price.goods,
                vendor_discount=price.vendor_discount,
                platform_discount=price.platform_discount,
                shipping=shares[place],
                taxable=base.taxable,
                tax=base.tax,
                tax_added=added,
                rounding=base.rounding,
                total=gross[place] - price.platform_discount + added,
            )
            own.append(line)
            more += [
                Reservation(
                    order_id=order_id,
                    variant_id=variant.id,
                    quantity=quantity,
                    state=ReservationState.SOLD,
                ),
                *(
                    LineTax(
                        line_id=line.id,
                        component=rate.component,
                        rate_bps=rate.bps,
                        taxable=line.taxable,
                        tax=amount,
                    )
                    for rate, amount in base.taxes.items()
                ),
            ]
        part.tax_included = sum(line.tax - line.tax_added for line in own)
        for name in ("vendor_discount", "platform_discount", "tax_added", "rounding", "total"):
            setattr(part, name, sum(getattr(line, name) for line in own))
        return part, own, more

    def _payments(self, placed: PlacedOrder, wallet: int) -> tuple[list[Payment], list[Any]]:
        order, payments, splits = placed.order, [], []
        shares = split(wallet, [part.total for part in placed.suborders])
        for provider, amount in (
            (PaymentProvider.MANUAL, order.total - wallet),
            (PaymentProvider.WALLET, wallet),
        ):
            if not amount:
                continue
            payment = Payment(
                order_id=order.id,
                provider=provider,
                status=PaymentStatus.SUCCEEDED,
                amount=amount,
                currency=order.currency,
                captured=amount,
                ended_at=now(),
            )
            payments.append(payment)
            for from_wallet, part in zip(shares, placed.suborders, strict=True):
                captured = part.total - from_wallet
                if provider is PaymentProvider.WALLET:
                    captured = from_wallet
                if captured:
                    splits.append(
                        PaymentSplit(payment_id=payment.id, suborder_id=part.id, captured=captured)
                    )
        return payments, splits

    async def stock_of(self, line: OrderLine) -> Stock:
        """Return the stock of the variant of a line as the database has it now."""
        rows = select(Stock).where(Stock.variant_id == line.ref_id)
        async with self.database.session() as session:
            return (await session.exec(rows)).one()

    async def _sell(self, placed: PlacedOrder) -> None:
        """Take the units of the lines out of the stock."""
        async with self.database.session() as session, session.begin():
            for line in placed.lines:
                sold = (
                    update(Stock)
                    .where(col(Stock.variant_id) == line.ref_id)
                    .values(on_hand=Stock.on_hand - line.quantity)
                    .returning(col(Stock.on_hand))
                )
                session.add(
                    StockMovement(
                        variant_id=line.ref_id,
                        kind=MovementKind.SOLD,
                        quantity=-line.quantity,
                        on_hand=(await session.execute(sold)).scalar_one(),
                        line_id=line.id,
                        units=Range(0, line.quantity),
                    )
                )


def _deduct(part: SubOrder, lines: Sequence[OrderLine], rates: DeductionRates) -> None:
    """Deduct what the platform keeps of a part, of amounts without tax."""
    net = [line.taxable for line in lines]
    commission = split(share(sum(net), rates.commission), net)
    columns = {
        "commission": commission,
        "commission_tax": split(share(sum(commission), rates.commission_tax), commission),
        "tcs": split(share(sum(net), rates.tcs), net),
        "tds": split(share(sum(net), rates.tds), net),
    }
    for name, amounts in columns.items():
        setattr(part, name, sum(amounts))
        for line, amount in zip(lines, amounts, strict=True):
            setattr(line, name, amount)
    part.commission_bps = rates.commission
    part.vendor_net = part.total + part.platform_discount - part.deductions.total
