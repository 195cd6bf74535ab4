"""The deliveries of a checkout: what each vendor offers, and what was chosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.checkouts import CheckoutProblem, ProblemCode
from models.pricing.discounts import Applied, FundedBy
from services.checkouts.facts import Facts
from services.orders.kinds import Sellable
from services.shipping.options import DeliveryOption, price_rates


@dataclass(frozen=True)
class VendorDelivery:
    """The offer of one vendor for its lines. `chosen` is None before one is chosen."""

    is_needed: bool
    options: Sequence[DeliveryOption] = ()
    chosen: DeliveryOption | None = None

    def problem(self, vendor_id: UUID) -> CheckoutProblem | None:
        """Return what must be done about the delivery. The address is known."""
        if not self.is_needed or self.chosen is not None:
            return None
        code = ProblemCode.DELIVERY_NOT_CHOSEN if self.options else ProblemCode.NO_DELIVERY
        return CheckoutProblem(code, vendor_id=vendor_id)


def price_delivery(
    facts: Facts, vendor_id: UUID, lines: Sequence[Sellable], applied: Sequence[Applied]
) -> VendorDelivery:
    """Price what a vendor offers for its lines.

    The value of the parcel is after the vendor's discounts, and not after the platform's, by which
    the vendor is not paid less.
    """
    delivered = [one for one in lines if one.weight_g is not None]
    if not delivered or facts.destination is None:
        return VendorDelivery(is_needed=bool(delivered))
    options = price_rates(
        facts.rates.get(vendor_id, ()),
        facts.vendors[vendor_id],
        facts.destination,
        goods=sum(one.line.goods - _vendor_discount(one.line.id, applied) for one in delivered),
        weight_g=sum((one.weight_g or 0) * one.line.quantity for one in delivered),
    )
    wanted = facts.chosen.get(vendor_id)
    chosen = next((one for one in options if one.rate.id == wanted), None)
    return VendorDelivery(is_needed=True, options=options, chosen=chosen)


def _vendor_discount(line_id: UUID, applied: Sequence[Applied]) -> int:
    vendors = [one for one in applied if one.discount.funded_by is FundedBy.VENDOR]
    return sum(one.lines.get(line_id, 0) for one in vendors)


def find_delivery_problems(
    facts: Facts, deliveries: Mapping[UUID, VendorDelivery]
) -> Iterator[CheckoutProblem]:
    """Yield that the address is missing, or what each vendor's delivery lacks."""
    if facts.address is None and facts.needs_address:
        yield CheckoutProblem(ProblemCode.ADDRESS_MISSING)
        return
    for vendor_id, delivery in deliveries.items():
        if problem := delivery.problem(vendor_id):
            yield problem
