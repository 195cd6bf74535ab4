"""Categories."""

from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.categories import category_by_id, children_of_category
from engine.types import Rows, column, localized_text, related
from models import categories as rows
from schema.lazy import LazyCategory


@strawberry.type(description="A category of vendors and offers. Categories form a tree. Public.")
class Category(Rows[rows.Category], relay.Node, access=category_by_id):
    id: relay.NodeID[UUID]
    slug: str = column("The name in URLs.")
    path: str = column("The slugs from the top-level category, such as `food/cafes/`.")
    name: str = localized_text("name", "The name.")
    hidden: bool = column(
        "Whether an admin has hidden it. It and its descendants are then in no list of categories,"
        " except for admins, and cannot be chosen. Vendors and offers that have it keep it."
    )
    parent: LazyCategory | None = related(
        category_by_id,
        by="parent_id",
        description="The parent category. Null for a top-level category.",
        public=True,
    )
    children: list[LazyCategory] = related(
        children_of_category,
        by="id",
        description="The subcategories in their display order.",
        public=True,
    )
