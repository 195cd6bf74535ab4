"""The rows of a new order, from the quote that the buyer agreed to. Nothing is computed again."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.security.codes import SYMBOLS
from core.security.sealed import Sealer
from models.checkouts import Checkout
from models.orders.lines import LineTax, OrderDiscount, OrderLine
from models.orders.orders import HOLD_MINUTES, ORDER_NUMBER_LENGTH, Order, SubOrder
from models.payments.payments import Payment, PaymentProvider
from models.payments.ways import PaymentWay
from models.pricing.deductions import DeductionRates, PartDeductions, deduct
from models.pricing.totals import Part, PricedLine
from models.sealed_columns import sealed_name
from models.shipping.rates import RateKind
from services.checkouts.quote import Quote, QuotedGroup
from services.orders.kinds import Sellable
from services.orders.rows import WholeOrder
from services.payments.ways import new_payment

AMOUNTS = (
    "goods",
    "vendor_discount",
    "platform_discount",
    "shipping",
    "tax_added",
    "tax_included",
    "rounding",
    "total",
)
ADDRESS_COLUMNS = ("ship_to", "bill_to", "buyer_tax_id")


@dataclass(frozen=True)
class NewOrder:
    """An order that is not stored yet, with all its rows."""

    rows: WholeOrder
    taxes: Sequence[LineTax]
    discounts: Sequence[OrderDiscount]
    uses: Mapping[UUID, int]  # the discount by the id of each promo code


def new_number() -> str:
    """Return a random number for people: a sequence would show how many orders there are."""
    return "".join(secrets.choice(SYMBOLS) for _ in range(ORDER_NUMBER_LENGTH))


def build_order(
    checkout: Checkout,
    quote: Quote,
    sealer: Sealer,
    way: PaymentWay,
    time: datetime,
    rates: Mapping[UUID, DeductionRates],
) -> NewOrder:
    """Return the order of a quote without problems. `rates` are those of the vendors, by id."""
    parts = [group.part for group in quote.groups]
    order = Order(
        number=new_number(),
        user_id=checkout.user_id,
        checkout_id=checkout.id,
        currency=quote.currency,
        country=checkout.country or quote.groups[0].vendor.country,
        created_at=time,
        hold_until=time + timedelta(minutes=HOLD_MINUTES),
        **{name: sum(getattr(part, name) for part in parts) for name in AMOUNTS},
    )
    order.count_paid(0)  # an order that costs nothing is paid
    _copy_addresses(checkout, order, sealer)
    kept = [deduct(group.part, rates[group.vendor.id]) for group in quote.groups]
    suborders = [
        _suborder(order, place, group, deductions)
        for place, (group, deductions) in enumerate(zip(quote.groups, kept, strict=True))
    ]
    lines: dict[UUID, OrderLine] = {}
    taxes: list[LineTax] = []
    for suborder, group, deductions in zip(suborders, quote.groups, kept, strict=True):
        for place, priced in enumerate(group.part.lines):
            sellable = group.sellable[priced.line.id]
            line = _line(suborder, place, sellable, priced, group.part)
            line.sqlmodel_update(deductions.lines[priced.line.id].columns)
            lines[priced.line.id] = line
            taxes += _taxes(line, priced)
    rows = WholeOrder(
        order, suborders, [*lines.values()], [*_payments(order, checkout.wallet, way)]
    )
    discounts = [*_discounts(quote, {one.vendor_id: one.id for one in suborders}, lines)]
    # A code that takes nothing off, such as of a delivery that is free, is not used up.
    applied = {one.code.id: one.amount for one in quote.codes if one.amount}
    return NewOrder(rows, taxes, discounts, _unlocking(quote) | applied)


def _unlocking(quote: Quote) -> dict[UUID, int]:
    """Return the codes that things of the order are sold with alone, without a discount."""
    things = [one for group in quote.groups for one in group.sellable.values()]
    return dict.fromkeys([one.unlocked_by for one in things if one.unlocked_by is not None], 0)


def _copy_addresses(checkout: Checkout, order: Order, sealer: Sealer) -> None:
    """Copy what is sealed. A seal is for one row, so each value is sealed again."""
    for column in ADDRESS_COLUMNS:
        value = getattr(checkout, column)
        if value is not None:
            opened = sealer.open(sealed_name(checkout, column), checkout.id, value)
            setattr(order, column, sealer.seal(sealed_name(order, column), order.id, opened))


def _suborder(order: Order, place: int, group: QuotedGroup, deductions: PartDeductions) -> SubOrder:
    part, rate = group.part, None if group.chosen is None else group.chosen.rate
    row = SubOrder(
        order_id=order.id,
        vendor_id=group.vendor.id,
        created_at=order.created_at,
        position=place,
        rate_name=rate.name if rate else None,
        is_pickup=rate is not None and rate.kind is RateKind.PICKUP,
        min_days=rate.min_days if rate else None,
        max_days=rate.max_days if rate else None,
        commission_bps=deductions.rates.commission,
        vendor_net=part.total + part.platform_discount - deductions.sum.total,
        **{name: getattr(part, name) for name in AMOUNTS},
    )
    return row.sqlmodel_update(deductions.sum.columns)


def _line(
    suborder: SubOrder, place: int, sellable: Sellable, priced: PricedLine, part: Part
) -> OrderLine:
    base = priced.base
    return OrderLine(
        suborder_id=suborder.id,
        created_at=suborder.created_at,
        position=place,
        kind=sellable.kind,
        ref_id=sellable.ref_id,
        locale=sellable.locale,
        title=dict(sellable.title),
        options=[dict(option) for option in sellable.options],
        sku=sellable.sku,
        hsn_code=sellable.hsn_code,
        weight_g=sellable.weight_g,
        quantity=priced.line.quantity,
        unit=priced.line.unit,
        goods=priced.line.goods,
        vendor_discount=priced.vendor_discount,
        platform_discount=priced.platform_discount,
        shipping=priced.shipping,
        taxable=base.taxable,
        tax=base.tax,
        tax_added=base.tax if part.tax_added else 0,
        rounding=base.rounding,
        total=priced.total,
    )


def _taxes(line: OrderLine, priced: PricedLine) -> Iterator[LineTax]:
    for rate, tax in priced.base.taxes.items():
        yield LineTax(
            line_id=line.id,
            component=rate.component,
            rate_bps=rate.bps,
            taxable=priced.base.taxable,
            tax=tax,
        )


def _discounts(
    quote: Quote, suborder_ids: Mapping[UUID, UUID], lines: Mapping[UUID, OrderLine]
) -> Iterator[OrderDiscount]:
    """Yield what each code takes off each line, and off each delivery."""
    for one in quote.codes:
        if one.applied is None:
            continue
        funded_by, code_id = one.applied.discount.funded_by, one.code.id
        for line_id, amount in one.applied.lines.items():
            line = lines[line_id]
            yield OrderDiscount(
                suborder_id=line.suborder_id,
                line_id=line.id,
                promo_code_id=code_id,
                funded_by=funded_by,
                amount=amount,
            )
        for vendor_id, amount in one.applied.deliveries.items():
            yield OrderDiscount(
                suborder_id=suborder_ids[vendor_id],
                promo_code_id=code_id,
                funded_by=funded_by,
                amount=amount,
            )


def _payments(order: Order, wallet: int, way: PaymentWay) -> Iterator[Payment]:
    """Yield the wallet's payment, and that of the rest."""
    from_wallet = min(wallet, order.total)
    ways = (
        (PaymentWay(provider=PaymentProvider.WALLET), from_wallet),
        (way, order.total - from_wallet),
    )
    for one, amount in ways:
        if amount:
            yield new_payment(one, amount, order.currency, order_id=order.id)
