"""Suggestions while a user types."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from dataloaders.categories import category_by_id
from dataloaders.offers import visible_city
from dataloaders.vendors import visible_vendor
from engine.types import column, related_by_kind
from schema.lazy import LazyCategory, LazyVendor
from schema.offers.cities import City
from schema.offers.enums import SuggestionKind
from services.offers import suggestions

SuggestionTarget = Annotated[
    LazyVendor | LazyCategory | City,
    strawberry.union("SuggestionTarget", description="The row that a suggestion is the name of."),
]
TARGETS: dict[SuggestionKind, Any] = {
    SuggestionKind.VENDOR: visible_vendor,
    SuggestionKind.CATEGORY: category_by_id,
    SuggestionKind.CITY: visible_city,
}


@strawberry.type(description="A part of a text, to be shown in bold.")
class TextRange:
    start: int = column("The number of UTF-16 code units before it.")
    end: int = column("The number of UTF-16 code units up to its end.")


@strawberry.type(description="A word or a name that the typed text may become. Public.")
class Suggestion:
    target_id: strawberry.Private[UUID | None]
    kind: SuggestionKind = column("The kind.")
    text: str = column("The word or the name.")
    highlight: TextRange | None = column(
        "The part that was typed. Null if the text was typed differently."
    )
    offer_count: int = column("The number of live offers with it, as last counted.")

    target: SuggestionTarget | None = related_by_kind(
        lambda: TARGETS,
        kind="kind",
        by="target_id",
        description="The vendor, category or city. Null for a TERM.",
    )

    @classmethod
    def of(cls, found: suggestions.Suggestion) -> "Suggestion":
        part = None
        if found.matched is not None:
            start, end = (_utf16_length(found.name[:place]) for place in found.matched)
            part = TextRange(start=start, end=end)
        return cls(
            kind=found.kind,
            text=found.name,
            highlight=part,
            offer_count=found.offers,
            target_id=found.target_id,
        )


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
