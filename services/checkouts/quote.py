"""Quotes: the price of a checkout now, by the rules that orders are priced by too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.checkouts import CheckoutProblem
from models.pricing.discounts import Applied
from models.pricing.totals import Part
from models.promos.codes import PromoCode
from models.vendors import Vendor
from services.orders.kinds import Sellable
from services.shipping.options import DeliveryOption


@dataclass(frozen=True)
class QuotedGroup:
    """One vendor's part of a checkout. `chosen` is None before a delivery is chosen."""

    vendor: Vendor
    sellable: Mapping[UUID, Sellable]  # by the id of the priced line
    deliveries: Sequence[DeliveryOption]
    chosen: DeliveryOption | None
    part: Part


@dataclass(frozen=True)
class AppliedCode:
    """A promo code with what it takes off. None if it does not apply."""

    code: PromoCode
    applied: Applied | None


@dataclass(frozen=True)
class Quote:
    """What a checkout costs. An order can be placed if there are no problems."""

    currency: str
    groups: Sequence[QuotedGroup]
    codes: Sequence[AppliedCode]
    problems: Sequence[CheckoutProblem]

    @property
    def total(self) -> int:
        return sum(group.part.total for group in self.groups)
