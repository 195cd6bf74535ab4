"""Credit notes for commission that went back after the month of its invoice.

Each is of one month and one invoice: refunds and lost disputes give commission back at any time.
"""

from uuid import uuid5

from babel.dates import format_skeleton
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.security.sealed import Sealer
from models.invoices.invoices import Invoice
from services.i18n import language_of, translate
from services.invoices.commissions.earnings import Earned, EarnedAtRate
from services.invoices.commissions.invoices import source_of
from services.invoices.commissions.months import Month
from services.invoices.content.platform import Operator
from services.invoices.content.platform_services import Credited, issue_service_credit
from services.invoices.issuing import lock_issued


async def issue_commission_credit(
    session: AsyncSession, sealer: Sealer, operator: Operator, month: Month, earned: Earned
) -> Invoice | None:
    """Issue the credit note for a month, or return the one that it has.

    None without an invoice, such as when the operator had no name at that time.
    """
    source_id = source_of(earned.vendor_id, earned.currency, earned.released)
    corrected = await lock_issued(session, source_id)
    if corrected is None:
        return None
    credited = [
        Credited(_group_of(corrected, one), -one.commission, -one.tax) for one in earned.rates
    ]
    title = UserMessage(
        "Commission given back for {month}",
        month=format_skeleton("yMMMM", month.first, locale=language_of([corrected.locale])),
    )
    return await issue_service_credit(
        session,
        sealer,
        operator.issuer,
        corrected,
        credited,
        source_id=uuid5(corrected.id, f"credit {month}"),
        title=translate(title, [corrected.locale]),
        supplied_on=month.last,
    )


def _group_of(corrected: Invoice, earned: EarnedAtRate) -> int:
    """Return the place of the group with a rate."""
    groups = corrected.details.groups
    return next(place for place, group in enumerate(groups) if group.bps == earned.bps)
