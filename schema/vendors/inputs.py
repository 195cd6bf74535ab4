"""Arguments of vendor queries."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import relay

from engine.scalars import CountryCode
from engine.types import decode_optional_id
from schema.vendors.types import Category
from services.vendors import VendorFilter

VendorId = Annotated[relay.GlobalID, strawberry.argument(description="The vendor's id.")]


@strawberry.input(description="Conditions of a list of vendors. All of them must hold.")
class VendorWhere:
    category_id: relay.GlobalID | None = strawberry.field(
        default=None, description="In this category or one of its descendants."
    )
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(
        default=None, description="At this postal code, in any spelling."
    )


def vendor_filter(where: VendorWhere | None, search: str | None) -> VendorFilter:
    where = where or VendorWhere()
    return VendorFilter(
        category_id=decode_optional_id(where.category_id, Category),
        country=where.country,
        pin_code=where.pin_code,
        search=search,
    )


@strawberry.enum(description="The order of a list of vendors.")
class VendorOrder(Enum):
    NAME = strawberry.enum_value("name", description="By name, ascending.")
    NEWEST = strawberry.enum_value("newest", description="By the time of joining, newest first.")
