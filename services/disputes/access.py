"""Access to disputes: admins see all, and vendors those with a share of theirs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.keyset import Listing, by_time
from models.members import Permission
from models.orders.orders import SubOrder
from models.payments.disputes import (
    Dispute,
    DisputeEvidence,
    DisputeFile,
    DisputeShare,
    DisputeState,
)
from models.uploads import Upload
from services.journal.topics import vendor_topic
from services.vendors.access import works_at
from services.viewer import Viewer


@dataclass(frozen=True)
class DisputeFilter:
    """Conditions of a list, None for all."""

    states: Collection[DisputeState] | None = None
    vendor_id: UUID | None = None


def visible_disputes(viewer: Viewer) -> SelectOfScalar[Dispute]:
    """Select the disputes in which vendors of the viewer have a share. Admins see all."""
    if viewer.admin:
        return select(Dispute)
    return select(Dispute).where(col(Dispute.id).in_(_shared(viewer)))


def visible_shares(viewer: Viewer) -> SelectOfScalar[DisputeShare]:
    """Select the shares of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(DisputeShare)
    rows = select(DisputeShare).join(SubOrder, col(SubOrder.id) == col(DisputeShare.suborder_id))
    return rows.where(_may_see(viewer, col(SubOrder.vendor_id)))


def visible_evidence(viewer: Viewer) -> SelectOfScalar[DisputeEvidence]:
    """Select the evidence of the viewer's vendors. Admins see all, and that of the platform."""
    if viewer.admin:
        return select(DisputeEvidence)
    vendor_id: Any = DisputeEvidence.vendor_id
    return select(DisputeEvidence).where(_may_see(viewer, vendor_id))


def list_disputes(
    viewer: Viewer, wanted: DisputeFilter, *, newest: bool = True
) -> Listing[Dispute]:
    """List disputes: all for admins, those of a vendor for its members."""
    viewer.require_user()
    if wanted.vendor_id is None:
        viewer.require_admin()
    rows = select(Dispute)
    topics = []
    if wanted.vendor_id is not None:
        topics = [vendor_topic(wanted.vendor_id)]
        of_vendor = _shared(viewer).where(SubOrder.vendor_id == wanted.vendor_id)
        rows = rows.where(col(Dispute.id).in_(of_vendor))
    if wanted.states is not None:
        rows = rows.where(col(Dispute.dispute_state).in_(wanted.states))
    return Listing(rows, by_time(Dispute, newest=newest), topics=topics)


def is_evidence() -> ColumnElement[bool]:
    """Match uploads that are evidence."""
    return exists_in(DisputeFile, col(DisputeFile.upload_id) == Upload.id)


def _shared(viewer: Viewer) -> SelectOfScalar[UUID]:
    """Select the ids of disputes by the shares of the viewer's vendors, or of all for admins."""
    rows = select(DisputeShare.dispute_id).join(
        SubOrder, col(SubOrder.id) == col(DisputeShare.suborder_id)
    )
    return rows if viewer.admin else rows.where(_may_see(viewer, col(SubOrder.vendor_id)))


def _may_see(viewer: Viewer, vendor_id: Any) -> Any:
    return works_at(viewer.staff, vendor_id, Permission.SEE_ORDERS)
