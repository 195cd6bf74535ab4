"""Lists of refunds."""

from sqlmodel import select

from core.keyset import Listing, newest_first
from models.payments.refunds import Refund, RefundState
from services.viewer import Viewer


def list_stuck_refunds(viewer: Viewer) -> Listing[Refund]:
    """List the refunds that are stuck, the newest first. For admins."""
    viewer.require_admin()
    return Listing(select(Refund).where(Refund.state == RefundState.STUCK), newest_first(Refund))
