"""Categories that a viewer sees, and that can be chosen."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.categories import MAX_CATEGORIES, Category
from models.errors import InvalidInput
from services.viewer import Viewer


def visible_categories(viewer: Viewer) -> SelectOfScalar[Category]:
    """Select the categories that lists contain. Admins see hidden ones too."""
    rows = select(Category)
    return rows if viewer.admin else rows.where(_is_shown())


def list_categories(viewer: Viewer, parent_id: UUID | None) -> Statement[Category]:
    """Select the children of `parent_id`, or the top-level categories, at most 500."""
    return _children(viewer.kind, parent_id is not None)


@lru_cache(maxsize=64)
def _children(viewer: Viewer, below: bool) -> Statement[Category]:
    parent_id: Any = bindparam("parent_id", type_=Uuid()) if below else None
    rows = visible_categories(viewer).where(Category.parent_id == parent_id).limit(MAX_CATEGORIES)
    children = rows.with_only_columns(*columns_of(Category))
    return Statement(children.order_by(col(Category.position), col(Category.id)), Category)


def subtree(category_id: UUID) -> SelectOfScalar[UUID]:
    """Select the ids of a category and its descendants, hidden ones too."""
    path = select(Category.path).where(Category.id == category_id).scalar_subquery()
    return select(Category.id).where(func.starts_with(Category.path, path))


async def find_choosable(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of some categories that can be chosen: they exist and are shown."""
    rows = select(Category.id).where(col(Category.id).in_(ids), _is_shown())
    return {*(await session.exec(rows)).all()}


async def ensure_category_can_be_chosen(session: AsyncSession, category_id: UUID) -> None:
    """Raise `InvalidInput` unless the category exists and is shown.

    No lock: an offer that is created while its category is hidden keeps it, like older ones.
    """
    ensure_choosable(category_id, await find_choosable(session, [category_id]))


def ensure_choosable(category_id: UUID, choosable: Collection[UUID]) -> None:
    """Raise `InvalidInput` unless a category is one of those that can be chosen."""
    if category_id not in choosable:
        raise InvalidInput(
            "This category does not exist. Choose another one.", field=["categoryId"]
        )


def _is_shown() -> ColumnElement[bool]:
    """Match categories without a hidden one among themselves and their ancestors."""
    above = aliased(Category)
    hidden = select(above.id).where(above.hidden, func.starts_with(Category.path, above.path))
    return ~hidden.correlate(Category).exists()
