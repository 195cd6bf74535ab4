"""Variants of products: added, changed, retired and restored."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.catalog.drafts import VariantDraft, VariantPatch, VariantValues
from models.catalog.products import Product, ProductIncomplete, ProductKind, ProductState
from models.catalog.variants import MAX_VARIANTS, Variant, VariantLimitReached, VariantState
from models.stock.levels import MovementKind, Stock, StockMovement
from models.validation import parse
from services import idempotency
from services.catalog.access import access_managed_product, access_managed_variant
from services.catalog.entries import ProductChanged
from services.downloads.selling.content import keep_content
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.viewer import Viewer


async def add_variant(
    session: AsyncSession,
    viewer: Viewer,
    *,
    product_id: UUID,
    draft: VariantDraft,
    idempotency_key: str,
) -> Variant:
    """Add a variant, once per idempotency key.

    Raises `SkuTaken`, `VariantExists`, `VariantLimitReached` and `InvalidInput`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "addVariant",
        idempotency_key,
        product_id=product_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        _, variant = await access_managed_variant(session, viewer, claimed.replayed)
        return variant
    product = await access_managed_product(session, viewer, product_id)
    product.ensure_editable()
    (variant,) = await create_variants(session, viewer, product, [draft])
    await idempotency.record_result(session, claimed, variant.id)
    return variant


async def create_variants(
    session: AsyncSession,
    viewer: Viewer,
    product: Product,
    drafts: Sequence[VariantDraft],
    *path: str,
) -> list[Variant]:
    """Create variants of a product that is locked, each with its stock.

    Those of a published digital product are RETIRED: they have nothing to deliver yet. `path` is
    that of the list in the input.
    """
    is_empty = product.kind is ProductKind.DIGITAL and product.state is ProductState.PUBLISHED
    state = VariantState.RETIRED if is_empty else VariantState.ACTIVE
    counted = select(func.count(), func.max(Variant.position)).where(
        Variant.product_id == product.id
    )
    number, last = (await session.exec(counted)).one()
    if number + len(drafts) > MAX_VARIANTS:
        raise VariantLimitReached(most=MAX_VARIANTS)
    variants = []
    for place, draft in enumerate(drafts):
        field = [*path, str(place)] if path else ["variant"]
        product.ensure_fits(draft.options, field=[*field, "options"])
        draft.ensure_currency(product.currency, field)
        position = (-1 if last is None else last) + 1 + place
        variant = Variant(
            product_id=product.id,
            vendor_id=product.vendor_id,
            currency=product.currency,
            position=position,
            state=state,
            **draft.columns(),
        )
        session.add_all([variant, *_first_stock(viewer, variant, draft.on_hand)])
        variants.append(variant)
    await product_changed(session, product)
    return variants


def _first_stock(
    viewer: Viewer, variant: Variant, on_hand: int
) -> tuple[Stock] | tuple[Stock, StockMovement]:
    stock = Stock(variant_id=variant.id, on_hand=on_hand)
    if not on_hand:
        return (stock,)
    return stock, StockMovement(
        variant_id=variant.id,
        kind=MovementKind.RECEIVED,
        quantity=on_hand,
        on_hand=on_hand,
        user_id=viewer.user_id,
    )


async def update_variant(
    session: AsyncSession, viewer: Viewer, *, variant_id: UUID, patch: VariantPatch
) -> Variant:
    """Change the values set in the patch. The resulting variant is validated as a whole."""
    product, variant = await access_managed_variant(session, viewer, variant_id)
    product.ensure_editable()
    patch.ensure_currency(product.currency, [])
    set_variant(product, variant, patch)
    await product_changed(session, product)
    return variant


def set_variant(product: Product, variant: Variant, patch: VariantPatch) -> None:
    """Set the values of a patch. Raises `InvalidInput`."""
    current = variant.model_dump(include=set(VariantValues.model_fields))
    values = parse(VariantValues, **current | patch.values())
    if variant.active or values.options != variant.options:
        product.ensure_fits(values.options, field=["options"])
    for name, value in values.model_dump().items():
        setattr(variant, name, value)
    variant.updated_at = now()


async def retire_variant(session: AsyncSession, viewer: Viewer, *, variant_id: UUID) -> Variant:
    """Stop selling a variant. Raises `ProductIncomplete` for the last one of a published product.

    Units that are reserved stay so.
    """
    product, variant = await access_managed_variant(session, viewer, variant_id)
    product.ensure_editable()
    return await _set_state(session, product, variant, VariantState.RETIRED)


async def restore_variant(session: AsyncSession, viewer: Viewer, *, variant_id: UUID) -> Variant:
    """Sell a retired variant again, or one that was added to a published digital product.

    Raises `VariantExists` if another one has its options, and `DigitalContentMissing`.
    """
    product, variant = await access_managed_variant(session, viewer, variant_id)
    product.ensure_editable()
    product.ensure_fits(variant.options, field=["variantId"])
    await _set_state(session, product, variant, VariantState.ACTIVE)
    await keep_content(session, product)
    return variant


async def _set_state(
    session: AsyncSession, product: Product, variant: Variant, state: VariantState
) -> Variant:
    if variant.state is not state:
        variant.state, variant.updated_at = state, now()
        await product_changed(session, product)
    return variant


async def product_changed(session: AsyncSession, product: Product) -> None:
    """Set the prices of a product whose variants have changed, and publish the change.

    Raises `ProductIncomplete` if it is PUBLISHED and has no active variant.
    """
    await session.flush()
    prices = select(func.min(Variant.price), func.max(Variant.price)).where(
        col(Variant.product_id) == product.id, Variant.state == VariantState.ACTIVE
    )
    product.min_price, product.max_price = (await session.exec(prices)).one()
    if product.state is ProductState.PUBLISHED and product.min_price is None:
        raise ProductIncomplete
    announce(session, product)


def announce(session: AsyncSession, product: Product) -> None:
    """Publish that a product has changed, once per transaction."""
    entry = ProductChanged(product.id)
    pending = session.info.get("journal", [])
    if all(one.entry != entry for one in pending):
        journal.append(session, entry, to=[vendor_topic(product.vendor_id)])
