"""Lines of a cart: added, changed and removed while the cart is locked. They reserve nothing."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.carts import (
    MAX_LINES,
    Cart,
    CartFull,
    CartLine,
    LineChange,
    LineDraft,
    NotSold,
    PerOrderMax,
)
from models.catalog.variants import Variant
from services import idempotency
from services.carts.access import OpenedCart, find_cart, lock_cart, note_change, open_cart
from services.catalog.access import visible_variants
from services.idempotency import ClaimedKey
from services.viewer import ANONYMOUS, Viewer


async def add_to_cart(
    session: AsyncSession,
    viewer: Viewer,
    draft: LineDraft,
    *,
    token: str | None,
    idempotency_key: str,
) -> OpenedCart:
    """Add units to those that the cart has of a variant.

    Raises `NotSold`, `PerOrderMax` and `CartFull`.
    """
    claimed = await _claim(session, viewer, draft, token, idempotency_key)
    opened = await open_cart(session, viewer, token)
    if claimed is None or not claimed.replayed:
        line = await _find_line(session, opened.cart, draft.variant_id)
        added = draft.quantity + (line.quantity if line else 0)
        await _set_quantity(session, opened.cart, line, draft.variant_id, added)
    if claimed is not None and not claimed.replayed:
        await idempotency.record_result(session, claimed, opened.cart.id)
    return opened


async def _claim(
    session: AsyncSession, viewer: Viewer, draft: LineDraft, token: str | None, key: str
) -> ClaimedKey | None:
    """Claim the key of a user or of an anonymous cart.

    Without a cart there is nothing to claim it for: a retry creates another cart, which has the
    units once.
    """
    owner_id = viewer.optional_user_id
    if owner_id is None and (cart := await find_cart(session, viewer, token)):
        owner_id = cart.id
    if owner_id is None:
        return None
    return await idempotency.claim_for(session, owner_id, "addToCart", key, **draft.model_dump())


async def set_cart_line(
    session: AsyncSession, viewer: Viewer, change: LineChange, *, token: str | None
) -> OpenedCart | None:
    """Set the units that the cart has of a variant. Zero removes the line, sold or not.

    Returns None if there is no cart. Raises `NotSold`, `PerOrderMax` and `CartFull`.
    """
    if change.quantity:
        opened = await open_cart(session, viewer, token)
        line = await _find_line(session, opened.cart, change.variant_id)
        if line is None or line.quantity != change.quantity:
            await _set_quantity(session, opened.cart, line, change.variant_id, change.quantity)
        return opened
    cart = await lock_cart(session, viewer, token)
    if cart is None:
        return None
    line = await _find_line(session, cart, change.variant_id)
    if line is not None:
        await session.delete(line)
        note_change(session, cart)
    return OpenedCart(cart)


async def clear_cart(session: AsyncSession, viewer: Viewer, *, token: str | None) -> Cart | None:
    """Remove all lines. Returns None if there is no cart."""
    cart = await lock_cart(session, viewer, token)
    if cart is None:
        return None
    removed = await session.exec(delete(CartLine).where(col(CartLine.cart_id) == cart.id))
    if removed.rowcount:
        note_change(session, cart)
    return cart


async def accept_cart_prices(
    session: AsyncSession, viewer: Viewer, *, token: str | None
) -> Cart | None:
    """Take the prices as seen that the variants have now. Returns None if there is no cart."""
    cart = await lock_cart(session, viewer, token)
    if cart is None:
        return None
    accepted = await session.exec(
        update(CartLine)
        .where(
            col(CartLine.cart_id) == cart.id,
            col(CartLine.variant_id) == Variant.id,
            col(CartLine.seen_price) != Variant.price,
        )
        .values(seen_price=Variant.price)
    )
    if accepted.rowcount:
        note_change(session, cart)
    return cart


async def find_sold(session: AsyncSession, variant_ids: Collection[UUID]) -> Mapping[UUID, Variant]:
    """Return those variants that everyone can buy: a vendor's members cannot buy its drafts."""
    rows = visible_variants(ANONYMOUS).where(col(Variant.id).in_(variant_ids))
    return {variant.id: variant for variant in await session.exec(rows)}


async def lines_of(session: AsyncSession, cart: Cart) -> dict[UUID, CartLine]:
    """Return the lines of a locked cart by their variants."""
    rows = select(CartLine).where(CartLine.cart_id == cart.id)
    return {line.variant_id: line for line in await session.exec(rows)}


async def _find_line(session: AsyncSession, cart: Cart, variant_id: UUID) -> CartLine | None:
    rows = select(CartLine).where(CartLine.cart_id == cart.id, CartLine.variant_id == variant_id)
    return (await session.exec(rows)).first()


async def _set_quantity(
    session: AsyncSession, cart: Cart, line: CartLine | None, variant_id: UUID, quantity: int
) -> None:
    variant = (await find_sold(session, [variant_id])).get(variant_id)
    if variant is None:
        raise NotSold(field=["variantId"])
    if quantity > variant.most:
        raise PerOrderMax(most=variant.most, field=["quantity"])
    if line is None:
        await _ensure_room(session, cart)
        session.add(new_line(cart, variant, quantity))
    else:
        line.quantity = quantity
    note_change(session, cart)


def new_line(cart: Cart, variant: Variant, quantity: int) -> CartLine:
    return CartLine(
        cart_id=cart.id, variant_id=variant.id, quantity=quantity, seen_price=variant.price
    )


async def _ensure_room(session: AsyncSession, cart: Cart) -> None:
    counted = select(func.count()).where(CartLine.cart_id == cart.id)
    if (await session.exec(counted)).one() >= MAX_LINES:
        raise CartFull(most=MAX_LINES)
