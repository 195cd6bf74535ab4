"""Loaders of categories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id
from models.categories import Category
from services.categories.queries import visible_categories
from services.viewer import Viewer

# Also hidden ones, which vendors and offers keep.
category_by_id = by_id(Category)


async def _children(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Category]]:
    rows = visible_categories(viewer).where(col(Category.parent_id).in_(ids))
    grouped: dict[UUID, list[Category]] = defaultdict(list)
    for row in await session.exec(rows.order_by(col(Category.position), col(Category.id))):
        if row.parent_id:
            grouped[row.parent_id].append(row)
    return grouped


children_of_category: Loader[UUID, Sequence[Category]] = Loader(_children, [])
