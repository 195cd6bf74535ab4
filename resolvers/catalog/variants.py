"""Variants of products, written by members of their vendor."""

from typing import Annotated

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.catalog import variants as rows
from models.catalog.products import InvalidProductState, ProductIncomplete
from models.downloads.assets import DigitalContentMissing
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from schema.catalog.drafts import UpdateVariantInput, VariantInput, variant_draft, variant_patch
from schema.catalog.inputs import ProductId, VariantId
from schema.catalog.types import Variant
from services.catalog import variants

NewVariant = Annotated[VariantInput, strawberry.argument(description="The variant.")]


@strawberry.type
class VariantMutation:
    @mutation(
        variant=Variant,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidProductState,
            rows.SkuTaken,
            rows.VariantExists,
            rows.VariantLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def add_variant(
        self,
        info: Info,
        product_id: ProductId,
        variant: NewVariant,
        idempotency_key: IdempotencyKey,
    ) -> rows.Variant:
        """Add a variant to a product, which is sold at once if the product is. That of a published
        DIGITAL product is RETIRED: give it a file or license keys, then restore it.
        """
        async with info.context.transaction() as session:
            return await variants.add_variant(
                session,
                info.context.viewer,
                product_id=product_id,
                draft=variant_draft(variant),
                idempotency_key=idempotency_key,
            )

    @mutation(
        variant=Variant,
        while_impersonating=True,
        raises=(InvalidInput, NotFound, InvalidProductState, rows.SkuTaken, rows.VariantExists),
        repeatable="sets values",
    )
    async def update_variant(self, info: Info, input: UpdateVariantInput) -> rows.Variant:
        """Change a variant. Orders keep what they were placed with."""
        async with info.context.transaction() as session:
            return await variants.update_variant(
                session,
                info.context.viewer,
                variant_id=input.variant_id,
                patch=variant_patch(input),
            )

    @mutation(
        variant=Variant,
        while_impersonating=True,
        raises=(NotFound, InvalidProductState, ProductIncomplete),
        repeatable="sets a state",
    )
    async def retire_variant(self, info: Info, variant_id: VariantId) -> rows.Variant:
        """Stop selling a variant. The last one of a published product is refused."""
        async with info.context.transaction() as session:
            return await variants.retire_variant(
                session, info.context.viewer, variant_id=variant_id
            )

    @mutation(
        variant=Variant,
        while_impersonating=True,
        raises=(
            InvalidInput,
            NotFound,
            InvalidProductState,
            rows.VariantExists,
            DigitalContentMissing,
        ),
        repeatable="sets a state",
    )
    async def restore_variant(self, info: Info, variant_id: VariantId) -> rows.Variant:
        """Sell a retired variant again, if it still fits the product's options. One of a published
        DIGITAL product needs a file or license keys.
        """
        async with info.context.transaction() as session:
            return await variants.restore_variant(
                session, info.context.viewer, variant_id=variant_id
            )
