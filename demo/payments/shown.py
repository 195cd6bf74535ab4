"""Rows of payments, payouts and what was bought, with which the tabs of GraphiQL begin."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.downloads.grants import DownloadGrant
from models.invoices.invoices import Invoice
from models.ledger.adjustments import AdjustmentState, LedgerAdjustment
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.packs.packs import Pack
from models.payments.disputes import OPEN_STATES, Dispute
from models.payments.refunds import RefundPart, RefundPartState
from models.payouts.files import PayoutFile, PayoutFileState
from models.payouts.payouts import Payout


async def find_money(
    session: AsyncSession, vendor_id: UUID | None, customer_id: UUID | None
) -> Mapping[str, UUID | None]:
    """Return the id of the newest row of each type, None without one."""
    rows = _rows(vendor_id, customer_id)
    return {name: (await session.exec(one.limit(1))).first() for name, one in rows.items()}


def _rows(vendor_id: UUID | None, customer_id: UUID | None) -> Mapping[str, SelectOfScalar[UUID]]:
    """Return what to look for, by the type of GraphQL."""
    return {
        "SubOrder": select(SubOrder.id)
        .where(SubOrder.vendor_id == vendor_id, SubOrder.state == SubOrderState.CONFIRMED)
        .order_by(col(SubOrder.created_at).desc()),
        "RefundPart": select(RefundPart.id)
        .where(RefundPart.part_state == RefundPartState.FAILED)
        .order_by(col(RefundPart.created_at).desc()),
        "Dispute": select(Dispute.id)
        .where(col(Dispute.dispute_state).in_(OPEN_STATES))
        .order_by(col(Dispute.created_at).desc()),
        "PayoutFile": select(PayoutFile.id)
        .where(PayoutFile.state == PayoutFileState.MADE)
        .order_by(col(PayoutFile.created_at).desc()),
        "Payout": select(Payout.id)
        .where(col(Payout.return_noted_by).is_not(None), col(Payout.return_confirmed_by).is_(None))
        .order_by(col(Payout.created_at).desc()),
        "DownloadGrant": select(DownloadGrant.id)
        .join(SubOrder, col(SubOrder.id) == DownloadGrant.suborder_id)
        .where(DownloadGrant.user_id == customer_id, SubOrder.vendor_id == vendor_id)
        .order_by(col(DownloadGrant.created_at).desc()),
        "Invoice": select(Invoice.id)
        .where(Invoice.buyer_id == customer_id)
        .order_by(col(Invoice.created_at).desc()),
        "LedgerAdjustment": select(LedgerAdjustment.id)
        .where(LedgerAdjustment.state == AdjustmentState.PENDING)
        .order_by(col(LedgerAdjustment.created_at)),
        "Pack": select(Pack.id).order_by(col(Pack.created_at), col(Pack.id)),
    }
