"""Links of mails and commands, looked up before a page asks for a password."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from models.identity.accounts import User
from models.identity.links import AuthLinkPurpose
from services.identity.accounts import find_user_by_email
from services.identity.addresses.changed_addresses import find_old_email, open_new_email
from services.identity.addresses.email_changes import find_change, find_undo
from services.identity.addresses.sealed_addresses import find_email, lookup_of, open_email
from services.identity.admin_invitations import find_invited
from services.identity.passwords.password_resets import find_reset
from services.identity.registrations.registrations import find_by_token
from services.members.invitations import find_invitation
from services.privacy import deletions, exports


@dataclass(frozen=True)
class AuthLink:
    """A link that is still valid. Only its holder can ask for it."""

    purpose: AuthLinkPurpose
    email: str
    account_exists: bool
    expires_at: datetime


async def find_link(session: AsyncSession, sealer: Sealer, token: str) -> AuthLink | None:
    """Return the link with this token, or None if it has ended. Changes nothing."""
    registration = await find_by_token(session, token)
    if registration is not None:
        taken = await find_user_by_email(session, lookup_of(registration)) is not None
        email = open_email(sealer, registration)
        return AuthLink(AuthLinkPurpose.VERIFY_EMAIL, email, taken, registration.expires_at)
    found = await find_reset(session, token)
    if found is not None:
        reset, _ = found
        email = open_email(sealer, reset)
        return AuthLink(AuthLinkPurpose.RESET_PASSWORD, email, True, reset.expires_at)
    change = await find_change(session, token)
    if change is not None:
        email = open_new_email(sealer, change)
        return AuthLink(AuthLinkPurpose.CHANGE_EMAIL, email, True, change.expires_at)
    change = await find_undo(session, token)
    if change is not None and change.undo_until is not None:
        email = find_old_email(sealer, change) or ""
        return AuthLink(AuthLinkPurpose.UNDO_CHANGE, email, True, change.undo_until)
    invited = await _find_invitation(session, sealer, token)
    return invited or await _find_private(session, sealer, token)


async def _find_private(session: AsyncSession, sealer: Sealer, token: str) -> AuthLink | None:
    """Return the link to an export, or the one that cancels the deletion of an account."""
    export = await exports.find_by_token(session, token)
    if export is not None:
        user = await session.get_one(User, export.user_id)
        email = find_email(sealer, user) or ""
        return AuthLink(AuthLinkPurpose.DOWNLOAD_DATA, email, True, export.expires_at)
    deletion = await deletions.find_by_token(session, token)
    if deletion is None:
        return None
    user = await session.get_one(User, deletion.user_id)
    email = find_email(sealer, user) or ""
    return AuthLink(AuthLinkPurpose.CANCEL_DELETION, email, True, deletion.due_at)


async def _find_invitation(session: AsyncSession, sealer: Sealer, token: str) -> AuthLink | None:
    """Return the link of an invitation to a vendor or to become an admin."""
    member = await find_invitation(session, token)
    if member is not None:
        taken = await find_user_by_email(session, lookup_of(member)) is not None
        email = open_email(sealer, member)
        return AuthLink(AuthLinkPurpose.ACCEPT_INVITATION, email, taken, member.expires_at)
    invited = await find_invited(session, token)
    if invited is None:
        return None
    email, taken = open_email(sealer, invited.invitation), invited.user is not None
    return AuthLink(AuthLinkPurpose.ACCEPT_ADMIN, email, taken, invited.invitation.expires_at)
