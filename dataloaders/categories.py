"""Loaders of categories."""

from typing import Any

from sqlmodel import col

from core.statements.selected import Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import Loader, by_id, grouped, in_session
from models.categories import Category
from services.categories.hiding_quotes import HidingQuote, quote_hidings
from services.categories.queries import visible_categories
from services.viewer import Viewer


def _children(viewer: Viewer, selected: Selected | None) -> Any:
    columns = columns_of(Category, selected, "parent_id")
    rows = visible_categories(viewer).with_only_columns(*columns)
    parent_id: Any = col(Category.parent_id)
    return rows.where(any_of(parent_id)).order_by(col(Category.position), col(Category.id))


# Also hidden ones, which vendors and offers keep.
category_by_id = by_id(Category)
children_of_category = grouped(Category, "parent_id", _children)
_NO_QUOTE: HidingQuote | None = None
quote_of_hiding = Loader(in_session(quote_hidings), _NO_QUOTE)
