"""Notifications with invoices: their mails have the PDF attached."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.invoices.invoices import Invoice, InvoiceState
from models.invoices.series import InvoiceKind
from models.notifications.inbox import Notification, NotificationKind
from services.i18n import translate
from services.notifications.kinds import AttachedFile, DeclaredKind, NotificationText

TITLES = {
    InvoiceKind.CREDIT_NOTE: UserMessage("Your credit note"),
    InvoiceKind.RECEIPT: UserMessage("Your receipt"),
}
INVOICE = UserMessage("Your invoice")


async def compose(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Return the texts. They name no amount and no person."""
    invoice = await session.get_one(Invoice, notification.subject_id)
    locales = [user.locale]
    title = translate(TITLES.get(invoice.kind, INVOICE), locales)
    push = UserMessage("{number} can be downloaded in the app.", number=invoice.number)
    mail = UserMessage("The PDF of {number} is in this mail.", number=invoice.number)
    files = []
    if invoice.state is InvoiceState.RENDERED:
        files.append(AttachedFile(invoice.key, invoice.file_name, "application/pdf"))
    return NotificationText(
        push_title=title,
        push_body=translate(push, locales),
        mail_subject=title,
        mail_body=f"{translate(mail if files else push, locales)}\n",
        files=files,
    )


KINDS = [
    DeclaredKind(
        NotificationKind.INVOICE_ISSUED,
        "An invoice, a credit note or a receipt for the user is ready, or was asked for again. An"
        " invoice for commission is for members who can see invoices.",
        subject="Invoice",
        compose=compose,
        required=UserMessage("Mails with invoices cannot be turned off."),
    ),
]
