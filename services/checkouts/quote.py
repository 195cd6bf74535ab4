"""Quotes: the price of a checkout now, by the rules that orders are priced by too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.security.sealed import Sealer
from core.statements.units import UnitOfWork
from models.checkouts import Checkout, CheckoutProblem, ProblemCode
from models.pricing.discounts import Applied, apply
from models.pricing.totals import Part, Terms, price
from models.promos.codes import PromoCode
from models.taxes.supplies import SaleTaxes
from models.vendors import Vendor
from services.checkouts.codes import judge_codes
from services.checkouts.deliveries import (
    VendorDelivery,
    find_delivery_problems,
    price_delivery,
)
from services.checkouts.facts import Facts, read_facts
from services.checkouts.quoted import QuotedLine, Totals
from services.checkouts.taxes import find_tax_problems
from services.orders.kinds import Sellable
from services.shipping.options import DeliveryOption
from services.viewer import Viewer


@dataclass(frozen=True)
class QuotedGroup:
    """One vendor's part of a checkout.

    `chosen` is None before a delivery is chosen, and `taxes` before the address is known.
    """

    vendor: Vendor
    sellable: Mapping[UUID, Sellable]  # by the id of the priced line
    deliveries: Sequence[DeliveryOption]
    chosen: DeliveryOption | None
    part: Part
    taxes: SaleTaxes | None

    @property
    def is_delivered(self) -> bool:
        """Return whether anything of it must be delivered or collected."""
        return any(one.weight_g is not None for one in self.sellable.values())

    @property
    def lines(self) -> list[QuotedLine]:
        """Return the lines in the order in which they were wanted."""
        priced = {one.line.id: one for one in self.part.lines}
        return [QuotedLine(one, priced[id]) for id, one in self.sellable.items()]

    @property
    def totals(self) -> Totals:
        return Totals.of([self.part], self.vendor.currency)


@dataclass(frozen=True)
class AppliedCode:
    """A promo code with what it takes off. None if it does not apply."""

    code: PromoCode
    applied: Applied | None

    @property
    def amount(self) -> int:
        return self.applied.amount if self.applied else 0


@dataclass(frozen=True)
class Quote:
    """The price of a checkout. An order can be placed if there are no problems.

    `wallet` is what is taken from the user's wallet, at most the total.
    """

    currency: str
    groups: Sequence[QuotedGroup]
    codes: Sequence[AppliedCode]
    problems: Sequence[CheckoutProblem]
    wallet: int

    @property
    def total(self) -> int:
        return sum(group.part.total for group in self.groups)

    @property
    def to_pay(self) -> int:
        """Return what is paid in another way than from the wallet."""
        return self.total - self.wallet

    @property
    def totals(self) -> Totals:
        return Totals.of([group.part for group in self.groups], self.currency)

    def ensure_orderable(self) -> None:
        """Raise the first problem as its refusal, with the others as further ones."""
        refusals = [problem.refusal for problem in self.problems]
        if refusals:
            first, *first.further = refusals
            raise first


async def quote_checkout(
    unit: UnitOfWork, viewer: Viewer, sealer: Sealer, checkout: Checkout
) -> Quote:
    """Price a checkout as it is now. Locks and holds nothing.

    The number of statements does not depend on the lines and vendors.
    """
    return make_quote(await read_facts(unit, viewer, sealer, checkout))


def make_quote(facts: Facts) -> Quote:
    """Return the quote for what is known of a checkout."""
    lines = [one.line for one in facts.sellable]
    codes = judge_codes(facts.codes, lines, facts.currency)
    discounts = list(codes.discounts.values())
    of_vendor: dict[UUID, list[Sellable]] = {}
    for one in facts.sellable:
        of_vendor.setdefault(one.line.vendor_id, []).append(one)
    goods_only = apply(discounts, lines, {})
    deliveries = {
        vendor_id: price_delivery(facts, vendor_id, own, goods_only)
        for vendor_id, own in of_vendor.items()
    }
    prices = {id: one.chosen.price for id, one in deliveries.items() if one.chosen is not None}
    applied = apply(discounts, lines, prices)
    by_source = {one.discount.source: one for one in applied}
    groups = [
        _group(facts, vendor_id, own, deliveries[vendor_id], applied)
        for vendor_id, own in of_vendor.items()
    ]
    wallet = min(facts.wallet, sum(group.part.total for group in groups))
    return Quote(
        currency=facts.currency,
        groups=groups,
        codes=[
            AppliedCode(code, by_source.get(str(code.id)) if code.id in codes.discounts else None)
            for code, _ in facts.codes
        ],
        problems=[
            *facts.problems,
            *([] if facts.sellable else [CheckoutProblem(ProblemCode.CHECKOUT_EMPTY)]),
            *find_delivery_problems(facts, deliveries),
            *codes.problems,
            *find_tax_problems(facts.taxes, facts.sellable),
            *_wallet_problems(facts, wallet),
        ],
        wallet=wallet,
    )


def _wallet_problems(facts: Facts, wallet: int) -> list[CheckoutProblem]:
    if wallet <= facts.balance:
        return []
    code = ProblemCode.WALLET_TOO_LOW
    return [CheckoutProblem(code, balance=facts.balance, currency=facts.currency)]


def _group(
    facts: Facts,
    vendor_id: UUID,
    own: Sequence[Sellable],
    delivery: VendorDelivery,
    applied: Sequence[Applied],
) -> QuotedGroup:
    cost = delivery.chosen.price if delivery.chosen else 0
    taxes = facts.taxes.get(vendor_id)
    untaxed = Terms(cost, {one.line.id: () for one in own}, inclusive=True)
    terms = Terms(cost, taxes.rates, taxes.inclusive) if taxes else untaxed
    return QuotedGroup(
        vendor=facts.vendors[vendor_id],
        sellable={one.line.id: one for one in own},
        deliveries=delivery.options,
        chosen=delivery.chosen,
        part=price(vendor_id, [one.line for one in own], terms, applied),
        taxes=taxes,
    )
