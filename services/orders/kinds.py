"""Kinds of lines: what the domain of each does, so that orders know none of them.

An order calls the rules of a kind in its own transaction. They raise refusals, and never commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.statements.units import UnitOfWork
from models.catalog.products import TaxClass
from models.checkouts import CheckoutProblem
from models.orders.lines import ON_SITE, LineKind, OrderLine
from models.orders.orders import Order
from models.pricing.lines import Line
from services.viewer import Viewer


@dataclass(frozen=True)
class Wanted:
    """So many units of a row of the kind's domain. `seen_price` is the price that was shown."""

    ref_id: UUID
    quantity: int
    seen_price: int | None = None


@dataclass(frozen=True)
class Sellable:
    """A wanted thing as it is sold now: its price and what the line of an order keeps of it.

    `line` is for the rules of prices, and has the id `ref_id`, so that the same things always have
    the same prices. Without a `weight_g`, nothing is delivered. `unlocked_by` is the promo code
    that it is sold with alone: the order takes a use of it, also without its discount.
    """

    kind: LineKind
    ref_id: UUID
    line: Line
    currency: str
    locale: str
    title: Mapping[str, str]
    tax_class: TaxClass
    options: Sequence[Mapping[str, Any]] = ()
    sku: str | None = None
    hsn_code: str | None = None
    weight_g: int | None = None
    unlocked_by: UUID | None = None

    @property
    def is_on_site(self) -> bool:
        """Return whether it is had at the vendor's place, and needs no address of the buyer."""
        return self.kind in ON_SITE

    @property
    def variant_id(self) -> UUID | None:
        return self.ref_id if self.kind is LineKind.GOODS else None


@dataclass(frozen=True)
class Priced:
    """The wanted things that can be sold, and the problems of all of them."""

    sellable: Sequence[Sellable]
    problems: Sequence[CheckoutProblem] = field(default=())


@dataclass(frozen=True)
class LineUnits:
    """Units of a line, from the one with the number `start` up to `stop`, without it."""

    line: OrderLine
    start: int
    stop: int


class LineRules(Protocol):
    """The rules of a kind of line."""

    async def price(self, unit: UnitOfWork, viewer: Viewer, wanted: Sequence[Wanted]) -> Priced:
        """Price wanted things, in a constant number of statements. Holds and locks nothing.

        What cannot be sold at all is left out. The rest is priced, also with problems.
        """
        ...

    async def take(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Hold the units of lines for an order that is not paid, all or none.

        Raises a refusal such as `InsufficientStock`. Called after all rows of the order are
        written, because others wait for the rows that this locks.
        """
        ...

    async def line_paid(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Turn held units into sold ones: the order is confirmed."""
        ...

    async def line_failed(self, unit: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
        """Release held units: the order expired or was cancelled before it was paid."""
        ...

    async def line_refunded(
        self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]
    ) -> None:
        """End what the buyer has of units that are refunded, cancelled ones too."""
        ...

    async def goodwill_granted(self, unit: UnitOfWork, left: Mapping[UUID, int]) -> None:
        """Follow money that went back without units. `left` is what is left of each part's total.

        The order is locked.
        """
        ...

    async def over_at(self, unit: UnitOfWork, suborder_id: UUID) -> datetime | None:
        """Return when the last thing of a part that is had on site is over. None without any."""
        ...

    async def take_back(self, unit: UnitOfWork, order: Order, units: Sequence[LineUnits]) -> None:
        """Put sold units back that are not wanted any more: cancelled or returned ones."""
        ...
