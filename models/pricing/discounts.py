"""Discounts of promo codes on lines and deliveries: the scope, the amount, and how they combine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from models.pricing.amounts import share, split
from models.pricing.lines import Line, in_order


class PromoKind(StrEnum):
    """The kind of discount. `value` of a promo code is in basis points, or in minor units."""

    PERCENT = "PERCENT"
    AMOUNT = "AMOUNT"
    FREE_DELIVERY = "FREE_DELIVERY"


class FundedBy(StrEnum):
    """The side that bears a cost: of a discount, or of a refund."""

    VENDOR = "VENDOR"
    PLATFORM = "PLATFORM"


@dataclass(frozen=True)
class Scope:
    """The lines that a discount is for. An empty set is no condition; all must hold."""

    vendor_ids: frozenset[UUID] = frozenset()
    category_ids: frozenset[UUID] = frozenset()
    product_ids: frozenset[UUID] = frozenset()

    def covers(self, line: Line) -> bool:
        return (
            (not self.vendor_ids or line.vendor_id in self.vendor_ids)
            and (not self.category_ids or not self.category_ids.isdisjoint(line.category_ids))
            and (not self.product_ids or line.product_id in self.product_ids)
        )


@dataclass(frozen=True)
class Discount:
    """A discount to apply. `minimum` is of the goods in its scope, before any discount.

    `most` limits a percentage or a free delivery. One that does not `combine` is the only one of an
    order.
    """

    source: str
    kind: PromoKind
    value: int
    funded_by: FundedBy
    scope: Scope = field(default_factory=Scope)
    minimum: int = 0
    most: int | None = None
    combines: bool = False


class Reason(StrEnum):
    """The reason for which a discount does not apply."""

    NOT_COVERED = "NOT_COVERED"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    NOT_COMBINABLE = "NOT_COMBINABLE"


@dataclass(frozen=True)
class Applied:
    """The amounts that a discount takes off: of lines by id, and of deliveries by vendor id."""

    discount: Discount
    lines: Mapping[UUID, int]
    deliveries: Mapping[UUID, int]

    @property
    def amount(self) -> int:
        return sum(self.lines.values()) + sum(self.deliveries.values())


def find_reason(discount: Discount, lines: Sequence[Line]) -> Reason | None:
    """Return the reason for which a discount by itself does not apply to the lines."""
    covered = [line.goods for line in lines if discount.scope.covers(line)]
    if not covered:
        return Reason.NOT_COVERED
    return Reason.BELOW_MINIMUM if sum(covered) < discount.minimum else None


def find_conflict(discounts: Sequence[Discount]) -> Reason | None:
    """Return the reason for which discounts cannot be used in one order.

    Several combine if each of them does, but only one that the platform pays for, and only one of
    each vendor's: two codes of one shop are never added up.
    """
    if len(discounts) < 2:
        return None
    funders = [
        funder
        for one in discounts
        for funder in (one.scope.vendor_ids if one.funded_by is FundedBy.VENDOR else {None})
    ]
    alone = not all(one.combines for one in discounts)
    return Reason.NOT_COMBINABLE if alone or len(set(funders)) < len(funders) else None


def apply(
    discounts: Sequence[Discount], lines: Sequence[Line], deliveries: Mapping[UUID, int]
) -> list[Applied]:
    """Apply discounts that combine, each to what the ones before it have left.

    Vendors' discounts come first, because the platform's is on the price that the shop asks for.
    `deliveries` has the price of each vendor's delivery. Discounts that do not apply are left out.
    Nothing falls below zero, and the order of the arguments changes nothing.
    """
    rest = {line.id: line.goods for line in lines}
    rest_of_deliveries = dict(deliveries)
    applied = []
    ordered = sorted(discounts, key=lambda one: (one.funded_by is FundedBy.PLATFORM, one.source))
    for discount in ordered:
        if find_reason(discount, lines) is not None:
            continue
        covered = in_order([line for line in lines if discount.scope.covers(line)])
        if discount.kind is PromoKind.FREE_DELIVERY:
            taken = _of_deliveries(
                discount, {line.vendor_id for line in covered}, rest_of_deliveries
            )
            rest_of_deliveries = {
                id: rest_of_deliveries[id] - taken.get(id, 0) for id in deliveries
            }
            applied.append(Applied(discount, {}, taken))
            continue
        weights = [rest[line.id] for line in covered]
        shares = split(_amount(discount, sum(weights)), weights)
        taken = {line.id: one for line, one in zip(covered, shares, strict=True) if one}
        rest = {id: amount - taken.get(id, 0) for id, amount in rest.items()}
        applied.append(Applied(discount, taken, {}))
    return applied


def _amount(discount: Discount, base: int) -> int:
    """Return what a discount takes off goods."""
    if discount.kind is PromoKind.AMOUNT:
        return min(discount.value, base)
    amount = share(base, discount.value)
    return amount if discount.most is None else min(amount, discount.most)


def _of_deliveries(
    discount: Discount, vendor_ids: set[UUID], prices: Mapping[UUID, int]
) -> dict[UUID, int]:
    """Return what a discount takes off deliveries, at most its `most` in all."""
    ids = sorted(vendor_ids & prices.keys())
    weights = [prices[id] for id in ids]
    amount = sum(weights) if discount.most is None else min(sum(weights), discount.most)
    return {id: one for id, one in zip(ids, split(amount, weights), strict=True) if one}
