"""Changes of what proves a user, which are not trusted for 48 hours: a thief may have made them."""

from datetime import datetime, timedelta

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.identity.accounts import RECENT_HOURS, AccountRecentlyChanged, User
from models.identity.factors import TotpFactor
from models.identity.passkeys import Passkey
from models.identity.phones import Phone
from models.identity.providers import ProviderIdentity
from services.audit import entries as audit
from services.identity.factors.factors import note_removed_factor
from services.identity.security_notices import SecurityNotice, send_notice
from services.viewer import Viewer

RECENT = timedelta(hours=RECENT_HOURS)


def ensure_no_recent_change(user: User) -> None:
    """Raise `AccountRecentlyChanged` within 48 hours of a change of the credentials.

    For what the owner could not undo: a thief waits, and the owner has got a mail.
    """
    changed_at = user.credentials_changed_at
    if changed_at is not None and now() < changed_at + RECENT:
        raise AccountRecentlyChanged(hours=RECENT_HOURS)


async def remove_recent(session: AsyncSession, user: User, before: datetime) -> None:
    """Remove the ways in that were added in the 48 hours before a time, or later.

    These are the number, accounts at providers, and second factors. For an owner who has just
    proven to read the mail of the account, whom a thief may have locked out; the user is locked. An
    account that had a factor before that keeps all factors: who adds another one has used a former
    one, and mail alone must not turn factors off.
    """
    since = before - RECENT
    removed = [
        await _remove_phone(session, user, since),
        await _remove_providers(session, user, since),
    ]
    if user.factor_since is not None and user.factor_since > since:
        removed += [await _remove_totp(session, user), await _remove_passkeys(session, user)]
        await note_removed_factor(session, user.id)
    for act in filter(None, removed):
        audit.append(session, Viewer(user.id), act, subject_id=user.id)
    if any(removed):
        await send_notice(session, user.id, SecurityNotice.RECENT_REMOVED)


async def _remove_phone(session: AsyncSession, user: User, since: datetime) -> AuditAct | None:
    """Remove a recent number, but not the one that the account was created with."""
    added = max(since, user.created_at)
    recent = col(Phone.user_id) == user.id, col(Phone.created_at) > added
    found = await session.exec(delete(Phone).where(*recent).returning(col(Phone.id)))
    return AuditAct.CHANGE_PHONE if found.first() else None


async def _remove_providers(session: AsyncSession, user: User, since: datetime) -> AuditAct | None:
    recent = col(ProviderIdentity.user_id) == user.id, col(ProviderIdentity.created_at) > since
    ids = col(ProviderIdentity.id)
    found = await session.exec(delete(ProviderIdentity).where(*recent).returning(ids))
    return AuditAct.UNLINK_PROVIDER if found.first() else None


async def _remove_totp(session: AsyncSession, user: User) -> AuditAct | None:
    own = col(TotpFactor.user_id) == user.id
    found = await session.exec(delete(TotpFactor).where(own).returning(col(TotpFactor.id)))
    return AuditAct.DISABLE_TOTP if found.first() else None


async def _remove_passkeys(session: AsyncSession, user: User) -> AuditAct | None:
    own = col(Passkey.user_id) == user.id
    found = await session.exec(delete(Passkey).where(own).returning(col(Passkey.id)))
    return AuditAct.REMOVE_PASSKEY if found.first() else None
