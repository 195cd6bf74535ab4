"""The taxes of the lines of a checkout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from core.statements.units import UnitOfWork
from models.addresses import PostalAddress
from models.checkouts import CheckoutProblem
from models.pricing.taxes import Rates
from models.vendors import Vendor
from services.orders.kinds import Sellable


@dataclass(frozen=True)
class Taxes:
    """The taxes of lines by id, and the vendors whose prices contain them."""

    rates: Mapping[UUID, Rates]
    inclusive: Mapping[UUID, bool]
    problems: Sequence[CheckoutProblem] = field(default=())


async def find_taxes(
    unit: UnitOfWork,
    vendors: Mapping[UUID, Vendor],
    sellable: Sequence[Sellable],
    address: PostalAddress | None,
) -> Taxes:
    """Return the taxes of lines that are delivered to an address, or sold to its owner.

    No vendor has a registration yet, so nothing is taxed.
    """
    return Taxes({one.ref_id: () for one in sellable}, dict.fromkeys(vendors, True))
