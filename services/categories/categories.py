"""Changes of the category tree by admins."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.categories import Category, CategoryDraft, CategoryPatch
from services.audit import entries as audit
from services.categories.tree import lock_tree
from services.viewer import Viewer


async def create_category(
    session: AsyncSession, viewer: Viewer, draft: CategoryDraft, *, parent_id: UUID | None
) -> Category:
    """Add a category as the last child of a parent, or at the top level.

    Raises `CategorySlugTaken`, `CategoryLimitReached` and `CategoryTooDeep`.
    """
    viewer.require_admin()
    tree = await lock_tree(session)
    category = Category(slug=draft.slug, path="", name=draft.name)
    tree.add(category, tree.find_parent(parent_id))
    session.add(category)
    audit.append(session, viewer, AuditAct.CREATE_CATEGORY, subject_id=category.id)
    return category


async def update_category(
    session: AsyncSession, viewer: Viewer, patch: CategoryPatch, *, category_id: UUID
) -> Category:
    """Change the slug, the names or both. Raises `CategorySlugTaken`."""
    viewer.require_admin()
    tree = await lock_tree(session)
    category = tree.find(category_id)
    tree.rename(category, patch.slug or category.slug)
    category.name = patch.name or category.name
    audit.append(session, viewer, AuditAct.UPDATE_CATEGORY, subject_id=category.id)
    return category


async def move_category(
    session: AsyncSession,
    viewer: Viewer,
    *,
    category_id: UUID,
    parent_id: UUID | None,
    position: int | None,
) -> Category:
    """Move a category with its descendants. See `CategoryTree.move`."""
    viewer.require_admin()
    tree = await lock_tree(session)
    category = tree.find(category_id)
    tree.move(category, tree.find_parent(parent_id), position)
    audit.append(session, viewer, AuditAct.MOVE_CATEGORY, subject_id=category.id)
    return category


async def set_category_hidden(
    session: AsyncSession, viewer: Viewer, *, category_id: UUID, hidden: bool
) -> Category:
    """Hide a category and its descendants, or show it again. Repeating it changes nothing."""
    viewer.require_admin()
    category = (await lock_tree(session)).find(category_id)
    if category.hidden != hidden:
        category.hidden = hidden
        act = AuditAct.HIDE_CATEGORY if hidden else AuditAct.SHOW_CATEGORY
        audit.append(session, viewer, act, subject_id=category.id)
    return category
