"""Products, written by members of their vendor."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.catalog import products as rows
from models.catalog.slugs import ProductSlugLimitReached, ProductSlugTaken
from models.catalog.variants import SkuTaken, VariantExists, VariantLimitReached
from models.downloads.assets import DigitalContentMissing
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.quotas import DailyLimitReached
from models.vendors import VendorNotApproved, VendorSuspended
from schema.catalog.drafts import (
    CreateProductInput,
    UpdateProductInput,
    product_draft,
    product_patch,
    product_pictures,
    variant_drafts,
)
from schema.catalog.inputs import PictureIds, ProductId
from schema.catalog.types import Product
from services.catalog import products


@strawberry.type
class ProductMutation:
    @mutation(
        product=Product,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.ProductLimitReached,
            DailyLimitReached,
            SkuTaken,
            VariantExists,
            VariantLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_product(self, info: Info, input: CreateProductInput) -> rows.Product:
        """Create a draft of a product. Requires the vendor's MANAGER or OWNER role."""
        async with info.context.transaction() as session:
            return await products.create_product(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                draft=product_draft(input),
                category_id=input.category_id,
                variants=variant_drafts(input.variants),
                pictures=product_pictures(input) or [],
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        product=Product,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            rows.InvalidProductState,
            ProductSlugTaken,
            ProductSlugLimitReached,
        ),
        repeatable="sets values",
    )
    async def update_product(self, info: Info, input: UpdateProductInput) -> rows.Product:
        """Change a product. Orders keep what they were placed with."""
        async with info.context.transaction() as session:
            return await products.update_product(
                session,
                info.context.viewer,
                product_id=input.product_id,
                patch=product_patch(input),
                pictures=product_pictures(input),
            )

    @mutation(
        product=Product,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, rows.InvalidProductState),
        repeatable="sets an order",
    )
    async def order_product_pictures(
        self, info: Info, product_id: ProductId, upload_ids: PictureIds
    ) -> rows.Product:
        """Change the order of a product's pictures."""
        async with info.context.transaction() as session:
            return await products.order_product_pictures(
                session, info.context.viewer, product_id=product_id, upload_ids=upload_ids
            )

    @mutation(
        product=Product,
        raises=(
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.InvalidProductState,
            rows.ProductIncomplete,
            DigitalContentMissing,
        ),
        repeatable="sets a state",
    )
    async def publish_product(self, info: Info, product_id: ProductId) -> rows.Product:
        """Publish a product, so that users can see and buy it. Of a digital one, each variant needs
        a file or license keys.
        """
        async with info.context.transaction() as session:
            return await products.publish_product(
                session, info.context.viewer, product_id=product_id
            )

    @mutation(
        product=Product,
        while_impersonating=True,
        raises=(NotFound, rows.InvalidProductState),
        repeatable="sets a state",
    )
    async def hide_product(self, info: Info, product_id: ProductId) -> rows.Product:
        """Hide a product until it is published again."""
        async with info.context.transaction() as session:
            return await products.hide_product(session, info.context.viewer, product_id=product_id)

    @mutation(
        product=Product, raises=(NotFound, rows.InvalidProductState), repeatable="sets a state"
    )
    async def archive_product(self, info: Info, product_id: ProductId) -> rows.Product:
        """Archive a product for good."""
        async with info.context.transaction() as session:
            return await products.archive_product(
                session, info.context.viewer, product_id=product_id
            )
