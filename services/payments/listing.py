"""Lists of all payments and refunds, for admins who answer buyers and look for money."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in
from core.keyset import Listing, by_time
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from models.payments.refunds import (
    Refund,
    RefundPart,
    RefundPartState,
    RefundReason,
    RefundState,
)
from services.viewer import Viewer


@dataclass(frozen=True)
class PaymentFilter:
    """Conditions of the list of payments, None for all."""

    providers: Collection[PaymentProvider] | None = None
    statuses: Collection[PaymentStatus] | None = None
    currency: str | None = None
    reference: str | None = None
    has_dispute: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True)
class RefundFilter:
    """Conditions of the list of refunds, None for all."""

    states: Collection[RefundState] | None = None
    reasons: Collection[RefundReason] | None = None
    awaits_transfer: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def list_payments(
    viewer: Viewer, wanted: PaymentFilter, *, newest: bool = True
) -> Listing[Payment]:
    """List the payments of all orders and purchases. For admins."""
    viewer.require_admin()
    rows = select(Payment)
    if wanted.providers is not None:
        rows = rows.where(col(Payment.provider).in_(wanted.providers))
    if wanted.statuses is not None:
        rows = rows.where(col(Payment.status).in_(wanted.statuses))
    if wanted.currency is not None:
        rows = rows.where(Payment.currency == wanted.currency)
    if wanted.reference is not None:
        rows = rows.where(Payment.reference == wanted.reference)
    if wanted.has_dispute is not None:
        disputed = col(Payment.disputed)
        rows = rows.where(disputed > 0 if wanted.has_dispute else disputed == 0)
    rows = _between(rows, Payment, wanted.created_from, wanted.created_before)
    return Listing(rows, by_time(Payment, newest=newest))


def list_refunds(viewer: Viewer, wanted: RefundFilter, *, newest: bool = True) -> Listing[Refund]:
    """List the refunds of all orders and purchases. For admins."""
    viewer.require_admin()
    rows = select(Refund)
    if wanted.states is not None:
        rows = rows.where(col(Refund.state).in_(wanted.states))
    if wanted.reasons is not None:
        rows = rows.where(col(Refund.reason).in_(wanted.reasons))
    if wanted.awaits_transfer is not None:
        by_hand = exists_in(
            RefundPart,
            col(RefundPart.refund_id) == col(Refund.id),
            col(RefundPart.provider) == PaymentProvider.MANUAL,
            col(RefundPart.part_state) == RefundPartState.PLANNED,
        )
        rows = rows.where(by_hand if wanted.awaits_transfer else ~by_hand)
    rows = _between(rows, Refund, wanted.created_from, wanted.created_before)
    return Listing(rows, by_time(Refund, newest=newest))


def _between(
    rows: SelectOfScalar[Any], table: Any, start: datetime | None, end: datetime | None
) -> SelectOfScalar[Any]:
    """Narrow rows down to those that were created from a time on, and before another one."""
    if start is not None:
        rows = rows.where(table.created_at >= start)
    if end is not None:
        rows = rows.where(table.created_at < end)
    return rows
