"""Access to carts: a user's own, and an anonymous one by its token.

The token of a caller who is signed in does not count: `mergeCart` moves its lines to the user.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.ids import new_id
from core.security.random_secrets import hash_secret
from models.carts import MAX_TOKEN_LENGTH, TOKEN_BYTES, Cart, CartState
from services.carts.entries import CartChanged
from services.journal import append as journal
from services.journal.topics import user_topic
from services.viewer import Viewer


@dataclass(frozen=True)
class OpenedCart:
    """A cart, and its token if it was just created for an anonymous caller, who must keep it."""

    cart: Cart
    token: str | None = None


def visible_carts(viewer: Viewer) -> SelectOfScalar[Cart]:
    """Select the viewer's active cart. Those of others are not visible, not even to admins."""
    if viewer.user_id is None:
        return select(Cart).where(false())
    return select(Cart).where(Cart.user_id == viewer.user_id, Cart.state == CartState.ACTIVE)


def carts_with_token(token: str | None) -> SelectOfScalar[Cart]:
    """Select the active anonymous cart with a token."""
    if token is None or len(token) > MAX_TOKEN_LENGTH:
        return select(Cart).where(false())
    hashed = hash_secret(token)
    return select(Cart).where(Cart.token_hash == hashed, Cart.state == CartState.ACTIVE)


def _carts_of(viewer: Viewer, token: str | None) -> SelectOfScalar[Cart]:
    """Select the cart of a caller. Raises `NotSignedIn` for a bad access token."""
    return carts_with_token(token) if viewer.optional_user_id is None else visible_carts(viewer)


async def find_cart(session: AsyncSession, viewer: Viewer, token: str | None) -> Cart | None:
    """Return the cart of a user or of a token, if there is one."""
    return (await session.exec(_carts_of(viewer, token))).first()


async def lock_cart(session: AsyncSession, viewer: Viewer, token: str | None) -> Cart | None:
    """Return the cart of a user or of a token, locked: its lines change under this lock alone."""
    return (await session.exec(for_change(_carts_of(viewer, token)))).first()


async def open_cart(session: AsyncSession, viewer: Viewer, token: str | None) -> OpenedCart:
    """Return the cart of a caller, locked. It is created if there is none.

    For an anonymous caller, an unknown token is that of a cart that has ended: there is a new one.
    """
    if viewer.optional_user_id is not None:
        return OpenedCart(await _open_own(session, viewer.require_user()))
    cart = await lock_cart(session, viewer, token)
    if cart is not None:
        return OpenedCart(cart)
    made = secrets.token_urlsafe(TOKEN_BYTES)
    cart = Cart(token_hash=hash_secret(made))
    session.add(cart)
    return OpenedCart(cart, made)


async def _open_own(session: AsyncSession, user_id: UUID) -> Cart:
    """Return a user's active cart, locked.

    The upsert locks the row, waits for another request that creates it, and creates it again if
    the clean-up has just deleted it.
    """
    time = now()
    row = insert(Cart).values(
        id=new_id(),
        created_at=time,
        user_id=user_id,
        state=CartState.ACTIVE,
        version=1,
        updated_at=time,
    )
    upsert = row.on_conflict_do_update(
        index_elements=[col(Cart.user_id)],
        index_where=text("state = 'ACTIVE'"),
        set_={"updated_at": time},
    ).returning(Cart)
    found = await session.scalars(upsert, execution_options={"populate_existing": True})
    return found.one()


def note_change(session: AsyncSession, cart: Cart) -> None:
    """Count a change of a locked cart's lines, and publish it to the user's devices."""
    cart.version += 1
    cart.updated_at = now()
    if cart.user_id is not None:
        journal.append(session, CartChanged(cart.id), to=[user_topic(cart.user_id)])
