"""Merges the choice of a customer before signing in into the cart of the user."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.carts import MAX_LINES, Cart, CartLine, CartState, MergeDraft, NotKeptReason
from models.catalog.variants import Variant
from services.carts.access import carts_with_token, note_change, open_cart
from services.carts.lines import find_sold, lines_of, new_line
from services.viewer import Viewer


class NotKept(NamedTuple):
    """Units that were not merged."""

    variant_id: UUID
    quantity: int
    reason: NotKeptReason


class MergedCart(NamedTuple):
    cart: Cart
    not_kept: Sequence[NotKept]


class UnitsToMerge(NamedTuple):
    """Units to be merged. Without a seen price, the customer sees that of now."""

    variant_id: UUID
    quantity: int
    seen_price: int | None = None


async def merge_cart(
    session: AsyncSession, viewer: Viewer, draft: MergeDraft, *, token: str | None
) -> MergedCart:
    """Merge lines, and those of an anonymous cart, into the viewer's cart. The other cart ends.

    The larger quantity of a variant wins, so a repetition changes nothing. The viewer's cart is
    locked first, then the anonymous one, which no transaction locks before another cart.
    """
    viewer.require_user()
    cart = (await open_cart(session, viewer, None)).cart
    given = [UnitsToMerge(line.variant_id, line.quantity) for line in draft.lines]
    wanted = _largest([*given, *await _take_lines(session, token)])
    lines = await lines_of(session, cart)
    sold = await find_sold(session, [one.variant_id for one in wanted])
    before = {id: line.quantity for id, line in lines.items()}
    not_kept = [lost for one in wanted if (lost := _merge(session, cart, lines, sold, one))]
    if before != {id: line.quantity for id, line in lines.items()}:
        note_change(session, cart)
    return MergedCart(cart, not_kept)


async def _take_lines(session: AsyncSession, token: str | None) -> Sequence[UnitsToMerge]:
    """Remove the lines of an anonymous cart and end it. There may be none, after a repetition."""
    cart = (await session.exec(for_change(carts_with_token(token)))).first()
    if cart is None:
        return []
    rows = await session.exec(
        select(CartLine)
        .where(CartLine.cart_id == cart.id)
        .order_by(col(CartLine.created_at), col(CartLine.id))
    )
    lines = rows.all()
    for line in lines:
        await session.delete(line)
    cart.state = CartState.ABANDONED
    note_change(session, cart)
    return [UnitsToMerge(line.variant_id, line.quantity, line.seen_price) for line in lines]


def _largest(wanted: Iterable[UnitsToMerge]) -> Sequence[UnitsToMerge]:
    """Return one of each variant: that with the most units."""
    found: dict[UUID, UnitsToMerge] = {}
    for one in wanted:
        other = found.get(one.variant_id)
        if other is None or other.quantity < one.quantity:
            found[one.variant_id] = one
    return list(found.values())


def _merge(
    session: AsyncSession,
    cart: Cart,
    lines: dict[UUID, CartLine],
    sold: Mapping[UUID, Variant],
    wanted: UnitsToMerge,
) -> NotKept | None:
    """Add or enlarge a line, and return the units that exceed a limit."""
    id, quantity = wanted.variant_id, wanted.quantity
    if id not in sold:
        return NotKept(id, quantity, NotKeptReason.NOT_SOLD)
    if id not in lines and len(lines) >= MAX_LINES:
        return NotKept(id, quantity, NotKeptReason.CART_FULL)
    kept = min(quantity, sold[id].most)
    if id not in lines:
        lines[id] = new_line(cart, sold[id], kept)
        if wanted.seen_price is not None:
            lines[id].seen_price = wanted.seen_price
        session.add(lines[id])
    elif lines[id].quantity < kept:
        lines[id].quantity = kept
    if kept < quantity:
        return NotKept(id, quantity - kept, NotKeptReason.PER_ORDER_MAX)
    return None
