"""Sessions of browsers: the cookie is renewed, and the role switched."""

from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.security.browser_cookie import new_cookie
from core.security.random_secrets import hash_secret
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import Role, User, UserSession
from models.identity.browser import NoBrowserSession
from models.identity.revocations import RevocationKind
from models.members import Permission, may
from models.vendors import VendorMember
from services.audit import entries as audit
from services.identity.sessions.impersonations import end_impersonations_of_session
from services.identity.sessions.revocations import revoke
from services.viewer import Viewer


def cookie_id(cookie_hash: bytes) -> UUID:
    """Return the id under which a cookie is revoked: the first half of its hash."""
    return UUID(bytes=cookie_hash[:16])


async def switch_role(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID | None, admin: bool
) -> tuple[UserSession, str]:
    """Act for a vendor or as an admin, or with neither as a customer.

    Returns the session and its new cookie. The connections of the user are closed, so that they
    start again with the rights of the role. What an admin has begun in the name of a user in this
    session ends unless they stay an admin. Raises `NoBrowserSession`, `NotAllowed`, and `NotFound`
    unless the viewer is a member of the vendor.
    """
    user_id = viewer.require_user()
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    if admin:
        Viewer(user_id, admin=user.role is Role.ADMIN).require_admin()
    if vendor_id is not None:
        await _ensure_member(session, user_id, vendor_id)
    user_session, cookie = await renew_cookie(session, viewer)
    user_session.take_role(vendor_id, admin=admin)
    if not admin:
        await end_impersonations_of_session(session, user_session.id)
    audit.append(session, viewer, AuditAct.SWITCH_ROLE, subject_id=user_id)
    revoke(session, RevocationKind.USER, user_id)
    return user_session, cookie


async def renew_cookie(session: AsyncSession, viewer: Viewer) -> tuple[UserSession, str]:
    """Give the viewer's session another cookie, and have every process refuse the former one.

    Lock the user first. Raises `NoBrowserSession` if it is not a session of a browser.
    """
    rows = select(UserSession).where(
        UserSession.id == viewer.session_id, UserSession.user_id == viewer.require_user()
    )
    user_session = (await session.exec(for_change(rows))).first()
    if user_session is None or user_session.cookie_hash is None:
        raise NoBrowserSession
    user_session.ensure_open()
    revoke(session, RevocationKind.TOKEN, cookie_id(user_session.cookie_hash))
    cookie = new_cookie()
    user_session.cookie_hash = hash_secret(cookie)
    return user_session, cookie


async def renew_cookie_if_any(session: AsyncSession, viewer: Viewer) -> str | None:
    """Renew the cookie of the viewer, whose proofs have changed. None if a token was sent."""
    if viewer.acting is None:
        return None
    _, cookie = await renew_cookie(session, viewer)
    return cookie


async def record_use(session: AsyncSession, session_id: UUID) -> None:
    used = update(UserSession).where(col(UserSession.id) == session_id)
    await session.exec(used.values(last_used_at=now()))


async def _ensure_member(session: AsyncSession, user_id: UUID, vendor_id: UUID) -> None:
    rows = select(VendorMember).where(
        VendorMember.vendor_id == vendor_id, VendorMember.user_id == user_id
    )
    member = (await session.exec(rows)).first()
    if member is None or not may(member.role, Permission.SEE_VENDOR):
        raise NotFound(field=["vendorId"])
