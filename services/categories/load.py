"""Loading of categories from a file: new ones are added, known ones updated, none removed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.categories import Category, CategoryDraft
from services.audit import entries as audit
from services.categories.tree import CategoryTree, lock_tree, number
from services.viewer import ANONYMOUS


@dataclass(frozen=True)
class CategoryEntry:
    """A category of a file: `parent` is the path of its parent, empty at the top level."""

    parent: str
    draft: CategoryDraft

    @property
    def path(self) -> str:
        return f"{self.parent}{self.draft.slug}/"


@dataclass(frozen=True)
class CategoryLoad:
    """The paths of the categories that were created or changed. The others were as in the file."""

    created: Sequence[str]
    changed: Sequence[str]


async def load_categories(
    session: AsyncSession, entries: Sequence[CategoryEntry], *, dry_run: bool
) -> CategoryLoad:
    """Make the tree have these categories, in this order. Parents come before their children.

    A category is known by its path. Siblings that are not among the entries follow those that are.
    With `dry_run` nothing is stored. Raises `CategoryLimitReached`.
    """
    tree = await lock_tree(session)
    before = {id: (row.name, row.position) for id, row in tree.by_id.items()}
    for entry in entries:
        _put(tree, entry)
    _arrange(tree, entries)
    created = [row for id, row in tree.by_id.items() if id not in before]
    changed = [
        tree.by_id[id]
        for id, (name, position) in before.items()
        if (tree.by_id[id].name, tree.by_id[id].position) != (name, position)
    ]
    result = CategoryLoad([row.path for row in created], [row.path for row in changed])
    if dry_run:
        session.expire_all()
        return result
    session.add_all(created)
    for rows, act in ((created, AuditAct.CREATE_CATEGORY), (changed, AuditAct.UPDATE_CATEGORY)):
        audit.append_all(session, ANONYMOUS, act, [row.id for row in rows])
    return result


def _put(tree: CategoryTree, entry: CategoryEntry) -> None:
    by_path = tree.by_path
    known = by_path.get(entry.path)
    if known is not None:
        known.name = entry.draft.name
        return
    category = Category(slug=entry.draft.slug, path=entry.path, name=entry.draft.name)
    tree.add(category, by_path.get(entry.parent))


def _arrange(tree: CategoryTree, entries: Sequence[CategoryEntry]) -> None:
    by_path = tree.by_path
    wanted: dict[UUID | None, list[Category]] = defaultdict(list)
    for entry in entries:
        category = by_path[entry.path]
        wanted[category.parent_id].append(category)
    for parent_id, first in wanted.items():
        ids = {row.id for row in first}
        number([*first, *(row for row in tree.children(parent_id) if row.id not in ids)])
