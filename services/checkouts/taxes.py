"""The taxes of a checkout: each vendor's lines are a sale to where they go."""

from collections.abc import Iterator, Mapping, Sequence, Set
from uuid import UUID

from core.clock import now
from core.statements.units import UnitOfWork
from models.addresses import PostalAddress
from models.checkouts import CheckoutProblem, ProblemCode
from models.pricing.tax_rules import Jurisdiction
from models.taxes.supplies import Sale, SaleLine, SaleTaxes
from models.vendors import Vendor
from services.orders.kinds import Sellable
from services.taxes.sales import tax_sales


async def find_taxes(
    unit: UnitOfWork,
    vendors: Mapping[UUID, Vendor],
    sellable: Sequence[Sellable],
    address: PostalAddress | None,
    *,
    picked_up: Set[UUID],
    buyer_tax_id: str | None,
) -> dict[UUID, SaleTaxes]:
    """Return the taxes of each vendor's lines, which go to an address or are `picked_up`.

    Tickets and bookings take effect at the vendor's place. Without any other lines, there may be
    no address.
    """
    own = {id: [one for one in sellable if one.line.vendor_id == id] for id in vendors}
    sales = [
        Sale(
            vendor=vendor,
            destination=(
                Jurisdiction(vendor.country, vendor.subdivision)
                if address is None or id in picked_up or all(one.is_on_site for one in own[id])
                else address.place
            ),
            lines=[SaleLine(one.line.id, one.tax_class, one.hsn_code) for one in own[id]],
            buyer_tax_id=buyer_tax_id,
        )
        for id, vendor in vendors.items()
    ]
    found = await tax_sales(unit, sales, now())
    return dict(zip(vendors, found, strict=True))


def find_tax_problems(
    taxes: Mapping[UUID, SaleTaxes], sellable: Sequence[Sellable]
) -> Iterator[CheckoutProblem]:
    """Yield the lines whose tax is not known: they must not be sold untaxed."""
    variant_ids = {one.line.id: one.variant_id for one in sellable}
    for vendor_id, of_vendor in taxes.items():
        for line_id in sorted(of_vendor.unknown):
            yield CheckoutProblem(ProblemCode.TAX_UNKNOWN, variant_ids[line_id], vendor_id)
