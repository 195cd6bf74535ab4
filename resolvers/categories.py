"""The category tree: read by everyone, changed by admins."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models import categories as rows
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from schema.categories.inputs import (
    CategoryId,
    CreateCategoryInput,
    NewParentId,
    NewPosition,
    ParentId,
    UpdateCategoryInput,
    category_draft,
    category_patch,
    position_of,
)
from schema.categories.types import Category
from services.categories import categories
from services.categories.queries import list_categories


@strawberry.type
class CategoryQuery:
    @field("Categories in their display order. Hidden ones are visible to admins.", public=True)
    async def categories(self, info: Info, parent_id: ParentId = None) -> list[Category]:
        statement = list_categories(info.context.viewer, parent_id)
        found = await info.context.fetch(statement, parent_id=parent_id)
        return [Category.wrap(row) for row in found]


@strawberry.type
class CategoryMutation:
    @mutation(
        for_admins=True,
        category=Category,
        audit=AuditAct.CREATE_CATEGORY,
        raises=(
            InvalidInput,
            rows.CategorySlugTaken,
            rows.CategoryLimitReached,
            rows.CategoryTooDeep,
        ),
        repeatable="slugs are unique below a parent",
    )
    async def create_category(self, info: Info, input: CreateCategoryInput) -> rows.Category:
        """Create a category, as the last child of its parent. Only admins can do this."""
        draft = category_draft(input)
        async with info.context.transaction() as session:
            return await categories.create_category(
                session, info.context.viewer, draft, parent_id=input.parent_id
            )

    @mutation(
        for_admins=True,
        category=Category,
        audit=AuditAct.UPDATE_CATEGORY,
        raises=(InvalidInput, NotFound, rows.CategorySlugTaken),
        repeatable="sets values",
    )
    async def update_category(self, info: Info, input: UpdateCategoryInput) -> rows.Category:
        """Change the slug or the names of a category. Only admins can do this."""
        patch = category_patch(input)
        async with info.context.transaction() as session:
            return await categories.update_category(
                session, info.context.viewer, patch, category_id=input.category_id
            )

    @mutation(
        for_admins=True,
        category=Category,
        audit=AuditAct.MOVE_CATEGORY,
        raises=(
            InvalidInput,
            NotFound,
            rows.CategoryCycle,
            rows.CategorySlugTaken,
            rows.CategoryTooDeep,
        ),
        repeatable="sets a place",
    )
    async def move_category(
        self,
        info: Info,
        category_id: CategoryId,
        parent_id: NewParentId = None,
        position: NewPosition = None,
    ) -> rows.Category:
        """Move a category with its descendants. Only admins can do this."""
        async with info.context.transaction() as session:
            return await categories.move_category(
                session,
                info.context.viewer,
                category_id=category_id,
                parent_id=parent_id,
                position=position_of(position),
            )

    @mutation(
        for_admins=True,
        category=Category,
        audit=AuditAct.HIDE_CATEGORY,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def hide_category(self, info: Info, category_id: CategoryId) -> rows.Category:
        """Hide a category with its descendants: lists leave them out, and new offers and vendors
        cannot choose them. Offers and vendors that have one keep it. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await categories.set_category_hidden(
                session,
                info.context.viewer,
                category_id=category_id,
                hidden=True,
            )

    @mutation(
        for_admins=True,
        category=Category,
        audit=AuditAct.SHOW_CATEGORY,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def show_category(self, info: Info, category_id: CategoryId) -> rows.Category:
        """Show a hidden category again. Only admins can do this."""
        async with info.context.transaction() as session:
            return await categories.set_category_hidden(
                session,
                info.context.viewer,
                category_id=category_id,
                hidden=False,
            )
