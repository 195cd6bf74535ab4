"""Registrations of vendors for taxes. They decide whether their sales are taxed, and how."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from core.security.sealed import Sealer
from models.base import Row, enum_column, foreign_key
from models.personal_data import delete_rows
from models.pricing.tax_rules import INDIA, SellerKind
from models.sealed_columns import sealed
from models.taxes.rates import MAX_REGION_LENGTH
from models.text import one_line_constraint
from models.vendors import Subdivision

NUMBER_COLUMN = "tax_registration.number"
MAX_REGISTRATIONS = 60  # of a vendor: India has 36 states and union territories
# Countries whose consumer prices are stated without the tax. Elsewhere the law requires it in them.
EXCLUSIVE = frozenset({"CA", "US"})
# Countries whose registrations are of a state, and do not count in another one.
BY_REGION = frozenset({INDIA, "US"})


class TaxRegistration(Row, table=True):
    """A registration of a vendor in a country or, in India and the United States, in a state.

    The number is sealed, because a sole trader's can lead to the person. NONE has no number: the
    vendor declares that no tax is due.
    """

    __tablename__ = "tax_registration"
    __table_args__ = (
        UniqueConstraint("vendor_id", "country", "region", postgresql_nulls_not_distinct=True),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        one_line_constraint("region"),
        CheckConstraint("(kind = 'NONE') = (number IS NULL)", name="number"),
        CheckConstraint(f"kind <> 'COMPOSITION' OR country = '{INDIA}'", name="composition"),
        CheckConstraint("country NOT IN ('IN', 'US') OR region IS NOT NULL", name="state"),
    )
    __privacy__ = delete_rows(of="vendor_id", none="country region")

    vendor_id: UUID = foreign_key("vendor", index=False)
    country: str = Field(max_length=2)
    region: Subdivision | None = Field(default=None, max_length=MAX_REGION_LENGTH)
    kind: SellerKind = enum_column(SellerKind)
    number: bytes | None = sealed(optional=True)
    prices_include_tax: bool

    def seal_number(self, sealer: Sealer, number: str | None) -> None:
        sealed_number = number and sealer.seal(NUMBER_COLUMN, self.id, number.encode())
        self.number = sealed_number or None

    def open_number(self, sealer: Sealer) -> str | None:
        if self.number is None:
            return None
        return sealer.open(NUMBER_COLUMN, self.id, self.number).decode()


def includes_tax(country: str) -> bool:
    """Return whether consumer prices include the tax, unless the vendor says otherwise."""
    return country not in EXCLUSIVE
