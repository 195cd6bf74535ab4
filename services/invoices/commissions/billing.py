"""Billing of a month: its invoices for commission, and its credit notes for earlier months."""

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from services.invoices.commissions.credit_notes import issue_commission_credit
from services.invoices.commissions.earnings import Earned, find_earned
from services.invoices.commissions.invoices import issue_commission
from services.invoices.commissions.months import Month
from services.invoices.content.platform import Operator
from services.invoices.issuing import once
from services.transaction import OpenTransaction

log = structlog.get_logger(__name__)


async def bill_month(
    transaction: OpenTransaction, sealer: Sealer, operator: Operator, month: Month
) -> None:
    """Issue the documents of a month, each in a transaction. A failure does not keep the others.

    The same month gives the same documents whenever it is billed, so a repetition issues those that
    are missing.
    """
    async with transaction() as session:
        found = await find_earned(session, month)
    for earned in found:
        try:
            with once():
                async with transaction() as session:
                    await _issue(session, sealer, operator, month, earned)
        except Exception:
            log.exception(
                "invoice.commission_skipped", vendor_id=str(earned.vendor_id), month=str(month)
            )


async def _issue(
    session: AsyncSession, sealer: Sealer, operator: Operator, month: Month, earned: Earned
) -> None:
    if earned.released == month:
        await issue_commission(session, sealer, operator, earned)
    else:
        await issue_commission_credit(session, sealer, operator, month, earned)
