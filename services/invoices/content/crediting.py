"""The content of credit notes: the shares of what goes back in the groups of a document.

A group is credited by the cumulative rule: its taxes and its rounding follow how much of it went
back. So whatever is refunded in whatever order, all credit notes together are the document that
they correct. No group is credited beyond what it has: the rest is a reduction of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import UserMessage
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceLine, InvoiceTax
from models.payments.refunds import RefundAmount, RefundLine, RefundShare
from models.pricing.amounts import part, split
from services.i18n import translate
from services.invoices.content.suborders import SoldPart

DELIVERY = UserMessage("Delivery")
REDUCTION = UserMessage("Reduction of the price")


@dataclass(frozen=True)
class GivenBack:
    """The amounts that a vendor gives back in one refund.

    `extras` are those that the vendor bears. `repaid` is goodwill of the platform that the vendor
    gives back with the units for which it was paid.
    """

    lines: Sequence[RefundLine]
    extras: Sequence[RefundAmount] = ()
    repaid: int = 0


def credit(
    sold: SoldPart, original: InvoiceContent, given: GivenBack, earlier: Sequence[int]
) -> tuple[InvoiceContent, int]:
    """Return the content for a refund, and what it takes back of the platform's discount.

    `earlier` is how much of each group was credited before.
    """
    units = _units(sold, original, given)
    left = [group.gross - before for group, before in zip(original.groups, earlier, strict=True)]
    lines = _cap([line for line, _ in units], left)
    reduction = sum(line.gross for line, _ in units) - sum(line.gross for line in lines)
    for extra in given.extras:
        if extra.share is RefundShare.GOODWILL:
            reduction += extra.amount
            continue
        wanted = [
            _single(translate(DELIVERY, [sold.buyer.locale]), place, amount)
            for place, amount in enumerate(_delivery(sold, extra.amount))
            if amount
        ]
        capped = _cap(wanted, left)
        reduction += extra.amount - sum(line.gross for line in capped)
        lines += capped
    title = translate(REDUCTION, [sold.buyer.locale])
    lines += [
        _single(title, place, amount)
        for place, amount in enumerate(split(reduction, left) if reduction else [])
        if amount
    ]
    groups, taxed = [], []
    for place, whole in enumerate(original.groups):
        own = [line for line in lines if line.group == place]
        group = _group(whole, earlier[place], sum(line.gross for line in own))
        groups.append(group)
        taxed += _tax(own, group)
    return replace(original, lines=taxed, groups=groups), sum(discount for _, discount in units)


def _units(
    sold: SoldPart, original: InvoiceContent, given: GivenBack
) -> list[tuple[InvoiceLine, int]]:
    """Return the units as lines, and their share of the platform's discount."""
    repaid = split(given.repaid, [one.withheld for one in given.lines]) if given.repaid else []
    repaid = repaid or [0] * len(given.lines)
    return [_unit(sold, original, one, more) for one, more in zip(given.lines, repaid, strict=True)]


def _unit(
    sold: SoldPart, original: InvoiceContent, units: RefundLine, repaid: int
) -> tuple[InvoiceLine, int]:
    place, line = next(
        (place, line) for place, line in enumerate(sold.lines) if line.id == units.line_id
    )
    start, stop = units.units.lower, units.units.upper

    def of(amount: int) -> int:
        return part(amount, line.quantity, start, stop)

    discount = of(line.platform_discount)
    delivered = units.amount + units.withheld == line.amount_of(start, stop)
    credited = replace(
        original.lines[place],
        quantity=stop - start,
        discount=of(line.vendor_discount),
        shipping=of(line.shipping) if delivered else 0,
        gross=units.amount + repaid + discount,
    )
    return credited, discount


def _delivery(sold: SoldPart, amount: int) -> list[int]:
    """Return the shares of the groups in the delivery of a part."""
    weights = [0] * len(sold.groups)
    for line in sold.lines:
        weights[sold.groups.index(sold.rates_of(line))] += line.delivery
    return split(amount, weights)


def _single(title: str, group: int, gross: int) -> InvoiceLine:
    """Return a line without units, which is taxed later."""
    return InvoiceLine(
        title=title,
        quantity=1,
        unit=gross,
        discount=0,
        shipping=0,
        taxable=0,
        tax=0,
        gross=gross,
        group=group,
    )


def _cap(lines: Sequence[InvoiceLine], left: list[int]) -> list[InvoiceLine]:
    """Return the lines with no more than what is left of their groups, and take it from there."""
    wanted = [0] * len(left)
    for line in lines:
        wanted[line.group] += line.gross
    capped = []
    for place, most in enumerate(left):
        own = [line for line in lines if line.group == place]
        shares = split(min(wanted[place], most), [line.gross for line in own])
        capped += [replace(line, gross=share) for line, share in zip(own, shares, strict=True)]
        left[place] -= sum(shares)
    return capped


def _group(whole: InvoiceGroup, earlier: int, gross: int) -> InvoiceGroup:
    """Return the share of a group in amounts that follow `earlier` ones."""

    def of(amount: int) -> int:
        return part(amount, whole.gross, earlier, earlier + gross) if whole.gross else 0

    taxes = [InvoiceTax(one.component, one.bps, of(one.tax)) for one in whole.taxes]
    rounding = of(whole.rounding)
    return InvoiceGroup(taxes, gross - sum(one.tax for one in taxes) - rounding, rounding)


def _tax(lines: Sequence[InvoiceLine], group: InvoiceGroup) -> list[InvoiceLine]:
    """Split the tax of a group over its lines. The first one has its rounding."""
    if not lines:
        return []
    taxes = split(group.tax, [line.gross for line in lines])
    roundings = [group.rounding] + [0] * (len(lines) - 1)
    return [
        replace(line, tax=tax, taxable=line.gross - tax - rounding)
        for line, tax, rounding in zip(lines, taxes, roundings, strict=True)
    ]
