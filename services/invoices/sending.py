"""Invoices sent again by mail."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.identity.accounts import EmailNeeded, User
from models.invoices.invoices import (
    MAX_COPIES,
    Invoice,
    InvoiceCopiesUsedUp,
    InvoiceNotReady,
    InvoiceState,
)
from models.notifications.inbox import Notification, NotificationKind
from services import idempotency
from services.invoices.access import visible_invoices
from services.notifications import inbox
from services.viewer import Viewer


async def send_invoice(
    session: AsyncSession, viewer: Viewer, *, invoice_id: UUID, idempotency_key: str
) -> Invoice:
    """Mail an invoice to the viewer's own address, and to no other one.

    The invoice is locked, so that two requests count their copies one after the other. Raises
    `EmailNeeded`, `InvoiceNotReady` and `InvoiceCopiesUsedUp`.
    """
    claimed = await idempotency.claim(
        session, viewer, "sendInvoice", idempotency_key, invoice_id=invoice_id
    )
    rows = visible_invoices(viewer).where(Invoice.id == invoice_id)
    invoice = (await session.exec(for_change(rows, of=Invoice))).first()
    if invoice is None:
        raise NotFound
    if claimed.replayed:
        return invoice
    if invoice.state is not InvoiceState.RENDERED:
        raise InvoiceNotReady
    user = await session.get_one(User, claimed.user_id)
    if user.email is None:
        raise EmailNeeded
    copies = await _count_copies(session, user.id, invoice.id)
    if copies >= MAX_COPIES:
        raise InvoiceCopiesUsedUp(most=MAX_COPIES)
    await inbox.notify(
        session,
        user.id,
        NotificationKind.INVOICE_ISSUED,
        invoice.id,
        up_to_sequence=copies + 1,
        deliver_after=timedelta(),
    )
    await idempotency.record_result(session, claimed, invoice.id)
    return invoice


async def _count_copies(session: AsyncSession, user_id: UUID, invoice_id: UUID) -> int:
    counted = select(func.coalesce(func.max(Notification.up_to_sequence), 0)).where(
        Notification.user_id == user_id,
        Notification.kind == NotificationKind.INVOICE_ISSUED,
        col(Notification.subject_id) == invoice_id,
    )
    return (await session.exec(counted)).one()
