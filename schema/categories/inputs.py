"""Inputs of category mutations."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, optional_id_of
from engine.types import column
from models.categories import MAX_CATEGORIES, MAX_CATEGORY_DEPTH, CategoryDraft, CategoryPatch
from models.errors import NULL_REFUSED, InvalidInput
from schema.texts import Texts, by_locale, parse_texts

SLUG = "lower-case letters, digits, and single - or _ between them, at most 60 characters"
MAX_POSITION = MAX_CATEGORIES - 1

CategoryId = Annotated[UUID, id_of("Category", "The category's id.")]
ParentId = Annotated[
    UUID | None,
    optional_id_of(
        "Category",
        "Returns the children of this category. If omitted, returns top-level categories.",
    ),
]
NewParentId = Annotated[
    UUID | None, optional_id_of("Category", "The new parent's id. If omitted, the top level.")
]
NewPosition = Annotated[
    int | None,
    strawberry.argument(
        description=f"The place among the new siblings, from 0 to {MAX_POSITION}. Beyond the last,"
        " and if omitted, the last place."
    ),
]


@strawberry.input(
    description=f"A new category. There can be at most {MAX_CATEGORIES}, on at most"
    f" {MAX_CATEGORY_DEPTH} levels."
)
class CreateCategoryInput:
    slug: str = column(f"The name in URLs, unique below the parent: {SLUG}.")
    name: Texts = column("The name in each language, 1 to 80 characters, at most 20 languages.")
    parent_id: UUID | None = id_field(
        "Category", "The parent's id. If omitted, the top level.", default=None
    )


@strawberry.input(
    description="Changes of a category. Omitted fields stay unchanged; none can be null. The limits"
    " are those of `CreateCategoryInput`."
)
class UpdateCategoryInput:
    category_id: UUID = id_field("Category", "The category's id.")
    slug: str | None = strawberry.field(
        default=UNSET,
        description="The new name in URLs. The paths of its descendants change with it.",
    )
    name: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the name in all languages."
    )


def category_draft(input: CreateCategoryInput) -> CategoryDraft:
    names = by_locale("name", texts=input.name)
    return parse_texts(CategoryDraft, {("name",): input.name}, slug=input.slug, name=names)


def category_patch(input: UpdateCategoryInput) -> CategoryPatch:
    for field in ("slug", "name"):
        if getattr(input, field) is None:
            raise InvalidInput(NULL_REFUSED, field=[field])
    given: dict[str, Any] = {}
    if input.slug is not UNSET:
        given["slug"] = input.slug
    if isinstance(input.name, list):
        given["name"] = by_locale("name", texts=input.name)
    return parse_texts(CategoryPatch, {("name",): input.name or None}, **given)


def position_of(position: int | None) -> int | None:
    if position is not None and not 0 <= position <= MAX_POSITION:
        raise InvalidInput(
            "Must be between {least} and {most}.", least=0, most=MAX_POSITION, field=["position"]
        )
    return position
