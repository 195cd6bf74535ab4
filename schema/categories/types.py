"""Categories."""

from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.categories import category_by_id, children_of_category, quote_of_hiding
from engine.limits.cost import COUNT_COST
from engine.types import Rows, column, loaded, localized_text, related
from models import categories as rows
from schema.lazy import LazyCategory
from services.categories.hiding_quotes import HidingQuote as Quote


@strawberry.type(
    description="Counts of public rows with a category or one of its descendants. They keep it if"
    " an admin hides the category."
)
class HidingQuote:
    vendors: int = strawberry.field(description="The approved vendors.")
    offers: int = strawberry.field(description="The published offers that have not ended.")
    products: int = strawberry.field(description="The published products.")
    events: int = strawberry.field(description="The published occasions that tickets are sold for.")


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

    @loaded(
        quote_of_hiding,
        by="id",
        description="The rows that `hideCategory` leaves in a category that cannot be chosen. Null"
        " if it is hidden, and for all but admins.",
        cost=4 * COUNT_COST,
    )
    def hiding_quote(
        root: strawberry.Parent[rows.Category], found: Quote | None
    ) -> HidingQuote | None:
        return None if found is None else HidingQuote(**vars(found))
