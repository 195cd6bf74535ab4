"""Rates of taxes, and registrations of vendors."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.taxes import (
    registrations_of_vendor,
    visible_tax_rate,
    visible_tax_registration,
)
from dataloaders.vendors import own_membership, vendor_by_id
from engine.context import Info
from engine.permissions import visible_to_members
from engine.scalars import CountryCode
from engine.types import Rows, column, field, related
from models import vendors as vendor_rows
from models.members import Permission
from models.taxes import rates, registrations
from schema.catalog.enums import TaxClass
from schema.lazy import LazyVendor
from schema.taxes.enums import SellerKind, TaxLevy
from services.vendors.access import may_do


@strawberry.type(
    description="The rate of a tax in a country or a region of it, for a tax class or for goods by"
    " their HSN code. It is taken from a law, and is no advice. Visible to signed-in users."
)
class TaxRate(Rows[rates.TaxRate], relay.Node, access=visible_tax_rate):
    id: relay.NodeID[UUID]
    country: CountryCode = column("The country.")
    region: str | None = column(
        "The state or region, as addresses write it. Null for all that have no rate of their own."
    )
    for_tax_class: TaxClass | None = column(
        "The class. Null for a rate by HSN code, and for a levy.", of="tax_class"
    )
    hsn_prefix: str | None = column(
        "The first digits of HSN codes. The rate with the longest ones that match goes before that"
        " of the class. Null for a rate by class."
    )
    levy: TaxLevy | None = column(
        "The tax that the platform takes from the vendors of the country. Null for one of sales."
    )
    bps: int = column(
        "The rate in basis points: 1,800 is 18 %. In India, CGST and SGST have half of it each."
    )
    cess_bps: int = column("The cess in basis points, in India. Else 0.")
    starts_on: date = column("The first day, in the vendor's time zone.")
    ends_on: date | None = column("The last day. Null until another rate follows.")
    legal_source: str = column("The law or notification that it is taken from.", of="source")


@strawberry.type(
    description="The registration of a vendor for a tax. Visible to its owners and managers, and"
    " admins. Not visible to API tokens."
)
class TaxRegistration(
    Rows[registrations.TaxRegistration], relay.Node, access=visible_tax_registration
):
    id: relay.NodeID[UUID]
    country: CountryCode = column("The country.")
    region: str | None = column("The state, as addresses write it. Null for all of the country.")
    seller_kind: SellerKind = column("The kind of registration.", of="kind")
    prices_include_tax: bool = column("Whether the prices of the vendor include the tax.")
    created_at: datetime = column("The time at which it was first set.")
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )

    @field(
        "The tax number, without separators. Null if the vendor is not registered.",
        needs=("id", "number"),
        cost=1,
    )
    def tax_number(
        root: strawberry.Parent[registrations.TaxRegistration], info: Info
    ) -> str | None:
        return root.open_number(info.context.app.sealer)


@strawberry.type
class TaxVendorFields:
    """A base of Vendor, not a type of the schema."""

    @visible_to_members(own_membership, may_do(Permission.MANAGE_TAXES), admins=True)
    @field(
        f"The registrations for taxes by country and state, at most"
        f" {registrations.MAX_REGISTRATIONS}. Without one, what the vendor sells is not taxed."
        " Visible to owners and managers, and admins. Not visible to API tokens.",
        needs=("id",),
        size=3,
    )
    async def tax_registrations(
        root: strawberry.Parent[vendor_rows.Vendor], info: Info
    ) -> list[TaxRegistration]:
        found = await info.context.loaders[registrations_of_vendor].load(root.id)
        return [TaxRegistration.wrap(one) for one in found]
