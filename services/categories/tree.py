"""The whole category tree, locked for a change."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.categories import (
    MAX_CATEGORIES,
    MAX_CATEGORY_DEPTH,
    Category,
    CategoryCycle,
    CategoryLimitReached,
    CategorySlugTaken,
    CategoryTooDeep,
)
from models.errors import InvalidInput, NotFound


class CategoryTree:
    """All categories. Only one transaction at a time changes them."""

    def __init__(self, rows: Iterable[Category]) -> None:
        self.by_id = {row.id: row for row in rows}

    @property
    def by_path(self) -> dict[str, Category]:
        return {row.path: row for row in self.by_id.values()}

    def find(self, category_id: UUID) -> Category:
        """Return a category. Raises `NotFound`."""
        if category_id not in self.by_id:
            raise NotFound
        return self.by_id[category_id]

    def find_parent(self, parent_id: UUID | None) -> Category | None:
        if parent_id is not None and parent_id not in self.by_id:
            raise InvalidInput(
                "This category does not exist. Choose another one.", field=["parentId"]
            )
        return self.by_id[parent_id] if parent_id else None

    def children(self, parent_id: UUID | None) -> list[Category]:
        """Return a category's children, or the top-level categories, in their display order."""
        found = [row for row in self.by_id.values() if row.parent_id == parent_id]
        return sorted(found, key=lambda row: (row.position, row.id))

    def add(self, category: Category, parent: Category | None) -> None:
        """Add a category as the last child. Raises the refusals of limits and slugs."""
        if len(self.by_id) >= MAX_CATEGORIES:
            raise CategoryLimitReached(most=MAX_CATEGORIES)
        category.path = path_under(parent, category.slug)
        self._ensure_free(category.path)
        if category.depth > MAX_CATEGORY_DEPTH:
            raise CategoryTooDeep(most=MAX_CATEGORY_DEPTH, field=["parentId"])
        category.parent_id = parent.id if parent else None
        siblings = self.children(category.parent_id)
        category.position = siblings[-1].position + 1 if siblings else 0
        self.by_id[category.id] = category

    def rename(self, category: Category, slug: str) -> None:
        """Change a slug, and with it the paths of the descendants."""
        if slug != category.slug:
            parent = self.by_id[category.parent_id] if category.parent_id else None
            self._ensure_free(path_under(parent, slug))
            category.slug = slug
            self._change_path(category, path_under(parent, slug))

    def move(self, category: Category, parent: Category | None, place: int | None) -> None:
        """Move a category with its descendants to a place among the children of `parent`.

        None is the last place. Raises `CategoryCycle`, `CategoryTooDeep` and `CategorySlugTaken`.
        """
        if parent is not None and parent.path.startswith(category.path):
            raise CategoryCycle(field=["parentId"])
        parent_id = parent.id if parent else None
        if parent_id != category.parent_id:
            path = path_under(parent, category.slug)
            self._ensure_free(path)
            self._ensure_depth(category, path)
            category.parent_id = parent_id
            self._change_path(category, path)
        siblings = [row for row in self.children(parent_id) if row is not category]
        siblings.insert(len(siblings) if place is None else place, category)
        number(siblings)

    def _ensure_free(self, path: str) -> None:
        if path in self.by_path:
            raise CategorySlugTaken(field=["slug"])

    def _ensure_depth(self, category: Category, path: str) -> None:
        deepest = max(row.depth for row in self._subtree(category))
        if path.count("/") + deepest - category.depth > MAX_CATEGORY_DEPTH:
            raise CategoryTooDeep(most=MAX_CATEGORY_DEPTH, field=["parentId"])

    def _subtree(self, category: Category) -> list[Category]:
        return [row for row in self.by_id.values() if row.path.startswith(category.path)]

    def _change_path(self, category: Category, path: str) -> None:
        length = len(category.path)
        for row in self._subtree(category):
            row.path = path + row.path[length:]


async def lock_tree(session: AsyncSession) -> CategoryTree:
    """Lock all categories, and return them as they are then.

    Two moves could otherwise form a cycle, each correct by itself. The second statement reads what
    the transaction before this one has inserted: the first one's snapshot is older than the lock.
    """
    rows = select(Category).order_by(col(Category.id))
    await session.exec(for_change(rows))
    current = await session.exec(rows.execution_options(populate_existing=True))
    return CategoryTree(current.all())


def path_under(parent: Category | None, slug: str) -> str:
    return f"{parent.path if parent else ''}{slug}/"


def number(siblings: Iterable[Category]) -> None:
    """Give siblings their positions in this order."""
    for position, row in enumerate(siblings):
        row.position = position
