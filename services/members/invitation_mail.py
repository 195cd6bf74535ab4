"""The mail of an invitation."""

import secrets
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.errors import UserMessage
from core.ids import new_id
from core.security.random_secrets import hash_secret
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.members import MemberInvitation
from models.vendors import Vendor, VendorStatus
from services.i18n import translate
from services.identity.accounts import find_user_by_email
from services.identity.addresses.sealed_addresses import lookup_of, open_email
from services.notifications.kinds import quoted

INVITATION_LINK_PATH = "/auth/invitation"

SUBJECT = UserMessage("You are invited to a vendor on Haat")


async def compose_invitation(
    session: AsyncSession, sealer: Sealer, invitation_id: UUID, public_url: str
) -> MailMessage | None:
    """Return the mail of an invitation, or None if it has ended.

    The token is made here and stored as a hash, so no job contains it; a later mail replaces it.
    The address may be a stranger's: the mail has no text of the inviter, and the vendor's name only
    if an admin has approved the vendor.
    """
    rows = select(MemberInvitation).where(MemberInvitation.id == invitation_id)
    invitation = (await session.exec(for_change(rows))).first()
    if invitation is None or not invitation.is_open:
        return None
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_secret(token)
    user = await find_user_by_email(session, lookup_of(invitation))
    locales = [user.locale if user else invitation.locale]
    body = UserMessage(
        "You are invited to work for {vendor} on Haat. Open this link to accept or decline:"
        "\n\n{link}\n\nIt is valid until {end} UTC, once, and only for the account of this address."
        " If you do not know the vendor, ignore this mail.",
        vendor=await _name(session, invitation.vendor_id, locales),
        link=f"{public_url}{INVITATION_LINK_PATH}#{token}",
        end=invitation.expires_at.replace(tzinfo=None),
    )
    return MailMessage(
        id=new_id(),
        to=open_email(sealer, invitation),
        subject=translate(SUBJECT, locales),
        body=f"{translate(body, locales)}\n",
    )


async def _name(session: AsyncSession, vendor_id: UUID, locales: list[str]) -> str:
    vendor = await session.get_one(Vendor, vendor_id)
    otherwise = translate(UserMessage("a vendor"), locales)
    if vendor.status is not VendorStatus.APPROVED:
        return otherwise
    return quoted(vendor.name, otherwise=otherwise)
