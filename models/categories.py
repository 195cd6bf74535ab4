"""The category tree."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, false
from sqlmodel import Field

from models.base import MAX_LOCALES, LocaleTag, Row, json, optional_foreign_key
from models.errors import Refusal
from models.personal_data import of_others
from models.text import OneLine

MAX_CATEGORIES = 500
MAX_CATEGORY_DEPTH = 5
MAX_CATEGORY_NAME_LENGTH = 80
MAX_SLUG_LENGTH = 60
SLUG_PATTERN = "[a-z0-9]+([-_][a-z0-9]+)*"

CategoryName = Annotated[str, OneLine(MAX_CATEGORY_NAME_LENGTH)]
CategoryNames = Annotated[
    dict[LocaleTag, CategoryName], Range(min_length=1, max_length=MAX_LOCALES)
]
Slug = Annotated[str, StringConstraints(max_length=MAX_SLUG_LENGTH, pattern=f"^{SLUG_PATTERN}$")]


class Category(Row, table=True):
    """A category. `path` has the slugs from the root, such as `food/cafes/`.

    A hidden category hides its descendants too. Vendors and offers that have it keep it.
    """

    __table_args__ = (
        Index("category_path_idx", "path", postgresql_ops={"path": "text_pattern_ops"}),
        CheckConstraint("path LIKE '%' || slug || '/'", name="path_ends_in_slug"),
        CheckConstraint(
            f"slug ~ '^{SLUG_PATTERN}$' AND char_length(slug) <= {MAX_SLUG_LENGTH}", name="slug"
        ),
        CheckConstraint(f"path ~ '^([^/]+/){{1,{MAX_CATEGORY_DEPTH}}}$'", name="depth"),
        CheckConstraint("position >= 0", name="position"),
    )
    __privacy__ = of_others(none="slug path name position")

    slug: str
    path: str = Field(unique=True)
    name: dict[str, CategoryName] = json()
    parent_id: UUID | None = optional_foreign_key("category")
    position: int = 0
    hidden: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    @property
    def depth(self) -> int:
        return self.path.count("/")


class CategoryDraft(BaseModel, frozen=True):
    """Validated input of a new category."""

    slug: Slug
    name: CategoryNames


class CategoryPatch(BaseModel, frozen=True):
    """Validated changes of a category. None changes nothing."""

    slug: Slug | None = None
    name: CategoryNames | None = None


class CategorySlugTaken(Refusal):
    message = "Another category in the same place has this slug. Choose a different one."
    meaning = "A category with the same parent has this slug."
    remedy = "Show `message` next to the slug. After a retry, refetch `categories`: it may exist."
    constraint = "category_path_key"


class CategoryLimitReached(Refusal):
    message = "There can be at most {most} categories. Use an existing one, or change one."
    meaning = "The platform has the maximum number of categories."
    remedy = "Show `message`."


class CategoryTooDeep(Refusal):
    message = "Categories can be at most {most} levels deep. Choose a higher parent."
    meaning = "The category, or one of its descendants, would be below the deepest level."
    remedy = "Let the admin choose a parent that is higher in the tree."


class CategoryCycle(Refusal):
    message = "A category cannot be moved into itself or its descendants. Choose another parent."
    meaning = "The new parent is the category itself, or one of its descendants."
    remedy = "Refetch `categories`, because the tree may have changed, and choose another parent."
