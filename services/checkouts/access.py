"""Access to checkouts: each is its user's alone."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from models.checkouts import Checkout
from models.errors import NotFound
from services.viewer import Viewer


def visible_checkouts(viewer: Viewer) -> SelectOfScalar[Checkout]:
    """Select the viewer's checkouts. No one else sees them, admins included."""
    return select(Checkout).where(Checkout.user_id == viewer.user_id)


async def access_checkout(session: AsyncSession, viewer: Viewer, checkout_id: UUID) -> Checkout:
    """Return a checkout of the viewer that is open, locked.

    Raises `NotFound` and `CheckoutExpired`.
    """
    viewer.require_user()
    rows = visible_checkouts(viewer).where(Checkout.id == checkout_id)
    checkout = (await session.exec(for_change(rows))).first()
    if checkout is None:
        raise NotFound
    checkout.ensure_open(now())
    return checkout
