"""Changes of a password by its user, who is signed in."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.errors import NotSignedIn
from models.audit import AuditAct
from models.identity.accounts import EmailNeeded, User, WrongCredentials
from services.audit import entries as audit
from services.identity.passwords.new_passwords import set_password
from services.transaction import OpenTransaction
from services.viewer import Viewer


async def find_changer(transaction: OpenTransaction, viewer: Viewer) -> User:
    """Return the viewer, unless the transaction refuses a session that is not fresh.

    Before the password is compared: else a stolen access token could be used to try passwords.
    Raises `EmailNeeded` without an address, to which a password belongs.
    """
    async with transaction() as session:
        user = await session.get(User, viewer.require_user())
    if user is None:
        raise NotSignedIn
    if user.email is None:
        raise EmailNeeded
    return user


async def change_password(
    session: AsyncSession,
    viewer: Viewer,
    authenticated: User,
    hashed: str,
    *,
    revokes_api_tokens: bool,
) -> None:
    """Set the viewer's password, for whom `authenticated` was read with the current one.

    The viewer's session stays. Raises `WrongCredentials` if the password was changed meanwhile.
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_change(rows))).one()
    if (user.id, user.epoch) != (authenticated.id, authenticated.epoch):
        raise WrongCredentials
    audit.append(session, viewer, AuditAct.CHANGE_PASSWORD, subject_id=user.id)
    await set_password(
        session,
        user,
        hashed,
        kept_session_id=viewer.session_id,
        revokes_api_tokens=revokes_api_tokens,
    )
