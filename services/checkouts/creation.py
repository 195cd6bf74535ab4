"""Checkouts: started for a cart or for other things, discarded, and deleted after their end."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import new_id
from models.carts import Cart
from models.checkouts import (
    CHECKOUT_TIME,
    MAX_ITEMS,
    Checkout,
    CheckoutEmpty,
    CheckoutState,
)
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.orders.lines import LineKind
from services.carts.access import visible_carts
from services.checkouts.access import access_checkout, visible_checkouts
from services.cleanup_tasks import delete_old_rows
from services.orders.rules import RULES
from services.viewer import Viewer

KEPT_DAYS = 1  # after it has ended, so that a client that returns learns it


async def create_checkout(
    session: AsyncSession,
    viewer: Viewer,
    *,
    cart_id: UUID | None,
    currency: str,
    items: Mapping[LineKind, Sequence[UUID]],
) -> Checkout:
    """Start a checkout, or return the open one of the cart in this currency with these items.

    The user is locked, so that of two requests at once one creates it.
    """
    user_id = viewer.require_user()
    if cart_id is None and not any(items.values()):
        raise CheckoutEmpty
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    if cart_id is not None:
        await _ensure_own_cart(session, viewer, cart_id)
    wanted = _list_items(items)
    checkout = await _find_open(session, viewer, cart_id, currency)
    if checkout is None:
        checkout = Checkout(
            id=new_id(),
            cart_id=cart_id,
            user_id=user_id,
            currency=currency,
            items=wanted,
            expires_at=now() + CHECKOUT_TIME,
        )
        session.add(checkout)
    else:
        checkout.items = wanted
        checkout.touch(now())
    return checkout


async def discard_checkout(session: AsyncSession, viewer: Viewer, *, checkout_id: UUID) -> Checkout:
    """End a checkout without an order. The cart stays as it is."""
    checkout = await access_checkout(session, viewer, checkout_id)
    checkout.end()
    return checkout


async def _ensure_own_cart(session: AsyncSession, viewer: Viewer, cart_id: UUID) -> None:
    own = visible_carts(viewer).where(Cart.id == cart_id)
    if (await session.exec(own)).first() is None:
        raise NotFound(field=["cartId"])


async def _find_open(
    session: AsyncSession, viewer: Viewer, cart_id: UUID | None, currency: str
) -> Checkout | None:
    """Return the open checkout of a cart, locked. One past its time is ended."""
    rows = visible_checkouts(viewer).where(
        Checkout.cart_id == cart_id,
        Checkout.currency == currency,
        Checkout.state == CheckoutState.OPEN,
    )
    checkout = (await session.exec(for_change(rows))).first()
    if checkout is None or checkout.is_open(now()):
        return checkout
    checkout.end()
    await session.flush()  # before the new one, because the index allows one that is OPEN
    return None


def _list_items(items: Mapping[LineKind, Sequence[UUID]]) -> list[dict[str, str | int]]:
    """Return the items as the checkout has them. Raises `InvalidInput` for what is not sold."""
    wanted: list[dict[str, str | int]] = []
    for kind, ids in items.items():
        if ids and kind not in RULES:
            raise InvalidInput("This cannot be ordered yet. Leave it out.", field=[FIELDS[kind]])
        wanted += [{"kind": kind, "id": str(id), "quantity": 1} for id in dict.fromkeys(ids)]
    if len(wanted) > MAX_ITEMS:
        raise InvalidInput("Choose at most {most} things at once.", most=MAX_ITEMS)
    return wanted


FIELDS = {
    LineKind.TICKET: "holdIds",
    LineKind.BOOKING: "bookingIds",
}

CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM checkout WHERE id IN (
            SELECT id FROM checkout WHERE state <> 'ORDERED' AND expires_at < :before
            LIMIT :batch FOR UPDATE SKIP LOCKED
        ) RETURNING id
        """,
        KEPT_DAYS,
    )
]
