"""Products, searched by everyone."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.errors import BadInput
from core.keyset import Listing
from dataloaders.catalog import visible_product
from engine.arguments import NEAR_COST, NEAR_ORDER_COST, PUBLIC_COUNT_COST, SEARCH_COST, Search
from engine.connections import connection
from engine.context import Info
from engine.ids import optional_id_of
from engine.types import field
from models.catalog.views import MAX_VIEWS, VIEW_DAYS
from schema.catalog.enums import ProductOrder
from schema.catalog.inputs import ProductWhere, product_filter
from schema.catalog.types import Product, ProductConnection
from schema.offers.inputs import NearInput
from services.catalog.search import search_products
from services.catalog.slugs import find_product_id
from services.catalog.views import list_viewed

Where = Annotated[ProductWhere | None, strawberry.argument(description="Filters the list.")]
NearPlace = Annotated[
    NearInput | None,
    strawberry.argument(
        description="Returns products of vendors within this circle. In another order than NEAREST"
        " and without `search`, the nearest 1,000."
    ),
]
OrderBy = Annotated[
    ProductOrder | None,
    strawberry.argument(
        description="The order. Defaults to RELEVANCE with `search`, else to NEAREST with `near`,"
        " else to NEWEST."
    ),
]
ProductNodeId = Annotated[UUID | None, optional_id_of("Product", "The product's id.")]
VendorSlug = Annotated[
    str | None,
    strawberry.argument(description="A slug that the product's vendor has or had, with `slug`."),
]
Slug = Annotated[
    str | None,
    strawberry.argument(description="A slug that the product has or had, with `vendorSlug`."),
]


@strawberry.type
class ProductQuery:
    @connection(
        ProductConnection,
        "Products that the viewer can see. Live products by default.",
        argument_costs={
            "search": SEARCH_COST,
            "near": NEAR_COST,
            "near orderBy": NEAR_ORDER_COST,
        },
        count_cost=PUBLIC_COUNT_COST,
        public=True,
    )
    def products(
        self,
        info: Info,
        where: Where = None,
        search: Search = None,
        near: NearPlace = None,
        order_by: OrderBy = None,
    ) -> Listing[Any]:
        wanted = product_filter(where or ProductWhere(), near, search)
        return search_products(info.context.viewer, wanted, order_by)

    @field(
        "Returns a product by its id, or by its slug and that of its vendor. Null if it doesn't"
        " exist or the viewer can't see it.",
        public=True,
    )
    async def product(
        self,
        info: Info,
        id: ProductNodeId = None,
        vendor_slug: VendorSlug = None,
        slug: Slug = None,
    ) -> Product | None:
        given = id is not None, vendor_slug is not None, slug is not None
        if given not in {(True, False, False), (False, True, True)}:
            raise BadInput(
                "Choose a product by its id, or by its address and that of its business."
            )
        if vendor_slug is not None and slug is not None:
            async with info.context.read_session() as session:
                id = await find_product_id(session, vendor_slug, slug)
        if id is None:
            return None
        return Product.wrap_optional(await info.context.loaders[visible_product].load(id))

    @field(
        f"The products that the viewer has viewed and still can see, the latest first: at most"
        f" {MAX_VIEWS}. `viewProduct` records them, and they are forgotten after {VIEW_DAYS} days.",
        size=MAX_VIEWS,
        domain="history",  # which has no scope: programs have no use for what their user looks at
    )
    async def viewed_products(self, info: Info) -> list[Product]:
        async with info.context.read_session() as session:
            found: Any = await list_viewed(session, info.context.viewer)
        return list(found)
