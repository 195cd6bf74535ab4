"""Slugs: a type for inputs, and the constraints of tables that keep former ones."""

from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy import CheckConstraint, Index, text

from core.text.slugs import MAX_SLUG_LENGTH, MIN_SLUG_LENGTH, SLUG_PATTERN

Slug = Annotated[
    str,
    StringConstraints(
        min_length=MIN_SLUG_LENGTH, max_length=MAX_SLUG_LENGTH, pattern=f"^{SLUG_PATTERN}$"
    ),
]


def slug_constraints(owner: str) -> tuple[CheckConstraint, Index, Index]:
    """Return the constraints of the table of an owner's slugs, of which one is the current one."""
    return (
        CheckConstraint(
            f"slug ~ '^{SLUG_PATTERN}$'"
            f" AND char_length(slug) BETWEEN {MIN_SLUG_LENGTH} AND {MAX_SLUG_LENGTH}",
            name="slug",
        ),
        Index(
            f"{owner}_slug_current_key",
            f"{owner}_id",
            unique=True,
            postgresql_where=text("is_current"),
        ),
        Index(f"{owner}_slug_{owner}_id_idx", f"{owner}_id"),
    )
