"""Products that the viewer has viewed."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.catalog.products import Product as ProductRow
from models.errors import NotFound
from schema.catalog.inputs import ProductId
from schema.catalog.types import Product
from services.catalog import views


@strawberry.type
class ViewMutation:
    @mutation(
        product=Product, personal=True, raises=(NotFound,), repeatable="sets the time of the view"
    )
    async def view_product(self, info: Info, product_id: ProductId) -> ProductRow:
        """Record that the viewer has viewed a product, for `viewedProducts`."""
        async with info.context.transaction() as session:
            return await views.view_product(session, info.context.viewer, product_id=product_id)

    @mutation(personal=True, repeatable="deletes what is there")
    async def clear_viewed_products(self, info: Info) -> None:
        """Forget the products that the viewer has viewed."""
        async with info.context.transaction() as session:
            await views.clear_viewed_products(session, info.context.viewer)
