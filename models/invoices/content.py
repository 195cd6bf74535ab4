"""The content of invoices: copies, so that a document never depends on what changes later."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pydantic import TypeAdapter

from core.countries import addresses
from models.pricing.tax_rules import EUROPEAN_UNION, INDIA, Jurisdiction, Treatment
from models.pricing.taxes import TaxComponent

GREECE = {"GR": "EL"}  # the prefix of VAT numbers, which is not the code of the country


@dataclass(frozen=True)
class InvoiceParty:
    """The seller or the buyer as the document names them. Sealed in its column."""

    name: str
    country: str
    company: str | None = None
    street_lines: Sequence[str] = ()
    city: str | None = None
    subdivision: str | None = None
    postal_code: str | None = None
    tax_id: str | None = None

    @property
    def place(self) -> Jurisdiction:
        return Jurisdiction(self.country, self.subdivision)

    @property
    def full_tax_id(self) -> str | None:
        """Return the number with the prefix of the country in the European Union.

        Stored numbers need not have it.
        """
        if self.tax_id is None or self.country not in EUROPEAN_UNION:
            return self.tax_id
        prefix = GREECE.get(self.country, self.country)
        return self.tax_id if self.tax_id.startswith(prefix) else f"{prefix}{self.tax_id}"

    @property
    def lines(self) -> list[str]:
        """Return the name and the address in the order of the country."""
        names = [one for one in (self.company, self.name) if one]
        if not self.street_lines:
            return names
        parts = {
            "street": "\n".join(self.street_lines),
            "city": self.city or "",
            "subdivision": self.subdivision or "",
            "postal_code": self.postal_code or "",
        }
        return [*names, *addresses.format_lines(self.country, parts)]

    def encode(self) -> bytes:
        """Return the party to be sealed."""
        return _PARTY.dump_json(self)

    @classmethod
    def decode(cls, opened: bytes) -> "InvoiceParty":
        return _PARTY.validate_json(opened)


@dataclass(frozen=True)
class InvoiceTax:
    """A tax of a group, in minor units."""

    component: TaxComponent
    bps: int
    tax: int


@dataclass(frozen=True)
class InvoiceGroup:
    """All lines with the same rates. Without `taxes`, nothing is taxed."""

    taxes: Sequence[InvoiceTax]
    taxable: int
    rounding: int = 0

    @property
    def tax(self) -> int:
        return sum(one.tax for one in self.taxes)

    @property
    def gross(self) -> int:
        return self.taxable + self.tax + self.rounding

    @property
    def bps(self) -> int:
        """Return the sum of the rates in basis points."""
        return sum(one.bps for one in self.taxes)


@dataclass(frozen=True)
class InvoiceLine:
    """Units of one thing. `group` is the place of its group.

    `taxable` has the line's share of the delivery, after the seller's discount. `unit` is the price
    as it was shown, which can include the tax.
    """

    title: str
    quantity: int
    unit: int
    discount: int
    shipping: int
    taxable: int
    tax: int
    gross: int
    group: int
    detail: str = ""
    hsn_code: str | None = None


@dataclass(frozen=True)
class InvoiceContent:
    """The lines and the taxes of a document, without the parties and the sums.

    `place_of_supply` is a state with its code in India. `corrects` are the number and the day of
    the document that a credit note is about. A prepayment is for no supply: a top-up, or a debt. A
    service is taxed at the place of its recipient.
    """

    lines: Sequence[InvoiceLine]
    groups: Sequence[InvoiceGroup]
    treatment: Treatment
    inclusive: bool = False
    place_of_supply: str | None = None
    order_number: str | None = None
    supplied_on: date | None = None
    corrects: tuple[str, date] | None = None
    is_prepayment: bool = False
    is_service: bool = False

    def encode(self) -> dict[str, object]:
        encoded: dict[str, object] = _CONTENT.dump_python(self, mode="json")
        return encoded

    @classmethod
    def decode(cls, stored: object) -> "InvoiceContent":
        return _CONTENT.validate_python(stored)

    @cached_property
    def components(self) -> Sequence[TaxComponent]:
        """Return the taxes that occur, in their usual order."""
        found = {one.component for group in self.groups for one in group.taxes}
        return [one for one in TaxComponent if one in found]

    def tax_of(self, component: TaxComponent) -> int:
        return sum(
            one.tax for group in self.groups for one in group.taxes if one.component is component
        )


@dataclass(frozen=True)
class InvoiceSums:
    """The sums of a document. `total` is what the buyer pays or gets back."""

    taxable: int
    tax: int
    rounding: int
    platform_discount: int = 0
    total: int = field(init=False)

    def __post_init__(self) -> None:
        gross = self.taxable + self.tax + self.rounding
        object.__setattr__(self, "total", gross - self.platform_discount)

    @classmethod
    def of(cls, groups: Sequence[InvoiceGroup], platform_discount: int = 0) -> "InvoiceSums":
        return cls(
            sum(group.taxable for group in groups),
            sum(group.tax for group in groups),
            sum(group.rounding for group in groups),
            platform_discount,
        )


def has_electronic_form(seller: InvoiceParty) -> bool:
    """Return whether documents of a seller get the XML of EN 16931: in the European Union."""
    return seller.country in EUROPEAN_UNION


def shows_goods_codes(seller: InvoiceParty) -> bool:
    """Return whether HSN codes are shown: rule 46(g) of the CGST Rules requires them in India."""
    return seller.country == INDIA


_PARTY: TypeAdapter[InvoiceParty] = TypeAdapter(InvoiceParty)
_CONTENT: TypeAdapter[InvoiceContent] = TypeAdapter(InvoiceContent)
