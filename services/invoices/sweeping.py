"""The sweep that issues and renders documents whose own jobs were lost."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.payments.refunds import Refund
from services.invoices.content.credit_notes import issue_credit_note
from services.invoices.content.platform import Operator
from services.invoices.content.purchases import issue_purchase, issue_purchase_credit
from services.invoices.content.suborders import issue_suborder
from services.invoices.issuing import once
from services.invoices.lost import (
    BATCH_SIZE,
    find_purchase_refunds,
    find_purchases,
    find_refunded_parts,
    find_refunds,
    find_suborders,
    find_unrendered,
)
from services.transaction import OpenTransaction

Find = Callable[[AsyncSession], Awaitable[Sequence[UUID]]]
Issue = Callable[[UUID], Awaitable[bool]]

log = structlog.get_logger(__name__)


async def issue_part(transaction: OpenTransaction, sealer: Sealer, suborder_id: UUID) -> bool:
    """Issue the document of a part. Returns whether it has one."""
    with once():
        async with transaction() as session:
            return await issue_suborder(session, sealer, suborder_id) is not None
    return True


async def issue_credit_notes(
    transaction: OpenTransaction, sealer: Sealer, operator: Operator | None, refund_id: UUID
) -> bool:
    """Issue the credit notes of a refund: one for each seller. Returns whether there is any.

    What they correct is issued before, in a transaction of its own: each holds one series.
    """
    async with transaction() as session:
        refund = await session.get_one(Refund, refund_id)
        found = await find_refunded_parts(session, refund_id)
    if refund.purchase_id is not None:
        return await _issue_purchase_credit(
            transaction, sealer, operator, refund, refund.purchase_id
        )
    issued = False
    for suborder_id in found:
        if not await issue_part(transaction, sealer, suborder_id):
            continue  # the order was never confirmed, so there is nothing to correct
        async with transaction() as session:
            note = await issue_credit_note(session, sealer, refund_id, suborder_id)
            issued = issued or note is not None
    return issued


async def _issue_purchase_credit(
    transaction: OpenTransaction,
    sealer: Sealer,
    operator: Operator | None,
    refund: Refund,
    purchase_id: UUID,
) -> bool:
    if operator is None:
        return False
    await issue_bought(transaction, sealer, operator, purchase_id)
    async with transaction() as session:
        note = await issue_purchase_credit(session, sealer, operator, refund, purchase_id)
        return note is not None


async def issue_bought(
    transaction: OpenTransaction, sealer: Sealer, operator: Operator, purchase_id: UUID
) -> bool:
    """Issue the document of a purchase from the platform. Returns whether it has one."""
    with once():
        async with transaction() as session:
            return await issue_purchase(session, sealer, operator, purchase_id) is not None
    return True


async def issue_lost(
    transaction: OpenTransaction, sealer: Sealer, operator: Operator | None
) -> None:
    """Issue what is missing: of parts, of refunds, and of purchases from the platform."""

    async def part(id: UUID) -> bool:
        return await issue_part(transaction, sealer, id)

    async def refund(id: UUID) -> bool:
        return await issue_credit_notes(transaction, sealer, operator, id)

    await in_turn(transaction, find_suborders, part)
    await in_turn(transaction, find_refunds, refund)
    if operator is None:
        return
    seller = operator

    async def purchase(id: UUID) -> bool:
        return await issue_bought(transaction, sealer, seller, id)

    await in_turn(transaction, find_purchases, purchase)
    await in_turn(transaction, find_purchase_refunds, refund)


async def render_lost(transaction: OpenTransaction, render: Issue) -> None:
    """Render the documents that have no PDF."""
    await in_turn(transaction, find_unrendered, render)


async def in_turn(transaction: OpenTransaction, find: Find, work: Issue) -> None:
    """Work on what is found, until nothing is left or all of a batch fails.

    A failure is logged and skipped: it must not keep the others.
    """
    more = True
    while more:
        async with transaction() as session:
            ids = await find(session)
        done = [await _try(work, id) for id in ids]
        more = len(ids) == BATCH_SIZE and any(done)


async def _try(work: Issue, id: UUID) -> bool:
    try:
        return await work(id)
    except Exception:
        log.exception("invoice.skipped", work=work.__name__, id=str(id))
        return False
