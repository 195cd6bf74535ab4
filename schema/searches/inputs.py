"""Inputs of saved searches."""

from uuid import UUID

import strawberry

from engine.ids import id_field
from engine.scalars import CountryCode
from engine.types import column, optional
from models.searches import SavedSearchName, SearchConditions
from models.validation import parse
from schema.offers.enums import DiscountKind
from schema.offers.inputs import NearInput
from schema.searches.enums import SearchNotices

PLAIN = ("search", "vendor_id", "category_id", "city_id", "country", "pin_code", "discount_kinds",
         "discount_at_least")  # fmt: skip


@strawberry.input(
    description="Conditions of a saved search. All of them must hold. At least one of `search`,"
    " `vendorId`, `categoryId`, `cityId`, `pinCode` and `near` is required."
)
class SavedSearchConditionsInput:
    search: str | None = optional(
        "Words, at most 100 characters in all, as for `offers`. An offer has each of them, in any"
        " of its forms in English, German, Hindi or Spanish. Other spellings and longer words do"
        " not match.",
        None,
    )
    vendor_id: UUID | None = id_field("Vendor", "Of this vendor.", default=None)
    category_id: UUID | None = id_field(
        "Category", "In this category or one of its descendants.", default=None
    )
    city_id: UUID | None = id_field("City", "Of vendors in this city.", default=None)
    country: CountryCode | None = optional("In this country.", None)
    pin_code: str | None = optional("Serving this postal code, in any spelling.", None)
    discount_kinds: list[DiscountKind] | None = optional(
        "With a discount of one of these kinds. Empty is any.", None
    )
    discount_at_least: int | None = optional(
        "With a discount of at least so many percent, from 1 to 100.", None
    )
    near: NearInput | None = optional("In this circle.", None)

    def conditions(self) -> SearchConditions:
        near = self.near
        circle = {} if near is None else vars(near)
        return parse(SearchConditions, **{name: getattr(self, name) for name in PLAIN} | circle)


@strawberry.input(description="A search to save.")
class SaveSearchInput:
    name: str = column("The name, 1 to 80 characters, unique among the user's.")
    conditions: SavedSearchConditionsInput = column("The conditions.")
    notices: SearchNotices = optional(
        "When the user is notified of new offers.", SearchNotices.INSTANT
    )


@strawberry.input(
    description="Changes of a saved search. Omitted fields stay unchanged, and so do those that are"
    " null."
)
class UpdateSavedSearchInput:
    saved_search_id: UUID = id_field("SavedSearch", "The saved search's id.")
    name: str | None = optional("The name, 1 to 80 characters.", None)
    conditions: SavedSearchConditionsInput | None = optional(
        "All conditions. If they are others than before, the matches so far are deleted, and offers"
        " that are already published never match.",
        None,
    )
    notices: SearchNotices | None = optional("When the user is notified of new offers.", None)


def search_name(name: str) -> str:
    """Return a valid name. Raises `InvalidInput`."""
    return parse(SavedSearchName, name=name).name
