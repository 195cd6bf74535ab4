"""Admins: invited by the operator of the server, who has no account, and removed by them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.password_threads import IsGone, PasswordThreads
from core.security.random_secrets import hash_secret
from core.security.sealed import Lookup, Sealer
from models.audit import AuditAct
from models.identity.accounts import EmailTaken, Role, User
from models.identity.admin_invitations import (
    AdminAcceptance,
    AdminInvitation,
    InvitationEnded,
    LastAdmin,
    NewAdmin,
)
from models.validation import parse
from services.admins.access import is_only_admin, lock_admins
from services.audit import entries as audit
from services.identity.accounts import change_role, find_user_by_email
from services.identity.addresses.sealed_addresses import (
    has_email,
    lookup_email,
    lookup_of,
    open_email,
    seal_email,
)
from services.identity.epochs import ensure_same_epoch
from services.identity.factors.second_factor import prove_code
from services.identity.passwords import passwords
from services.identity.passwords.hashing_limits import HashingLimits
from services.identity.registrations.registrations import create_account
from services.identity.sign_ins.log_in import PasswordLogIn
from services.identity.sign_ins.sign_ins import SignIn
from services.viewer import ANONYMOUS, Viewer

ADMIN_LINK_PATH = "/auth/admin"


@dataclass(frozen=True)
class Removed:
    """The result of a removal: whether the address had an admin's rights, and an open link."""

    admin: bool
    link: bool


@dataclass(frozen=True)
class Invited:
    """An open invitation, and the account of its address if there is one."""

    invitation: AdminInvitation
    user: User | None


async def invite_admin(
    session: AsyncSession, sealer: Sealer, email: str
) -> tuple[str, datetime] | None:
    """Return the token of a new invitation, and its end. A former one of the address ends.

    Returns None if the address is an admin's.
    """
    lookup = lookup_email(sealer, email)
    user = await find_user_by_email(session, lookup)
    if user and user.role is Role.ADMIN:
        return None
    token = secrets.token_urlsafe(32)
    invitation = AdminInvitation(token_hash=hash_secret(token))
    seal_email(sealer, invitation, email)
    # A conflict names one index. A former row may share the other alone, during a rotation.
    await session.exec(delete(AdminInvitation).where(has_email(AdminInvitation, lookup)))
    values = invitation.model_dump()
    row = insert(AdminInvitation).values(values)
    await session.exec(row.on_conflict_do_update(index_elements=["email_lookup"], set_=values))
    subject_id = user.id if user else None
    audit.append(session, ANONYMOUS, AuditAct.INVITE_ADMIN, subject_id=subject_id)
    return token, invitation.expires_at


async def find_invited(session: AsyncSession, token: str) -> Invited | None:
    """Return the open invitation with this token."""
    rows = select(AdminInvitation).where(
        AdminInvitation.token_hash == hash_secret(token),
        col(AdminInvitation.used_at).is_(None),
        col(AdminInvitation.expires_at) > now(),
    )
    invitation = (await session.exec(rows)).first()
    if invitation is None:
        return None
    return Invited(invitation, await find_user_by_email(session, lookup_of(invitation)))


async def access_invited(session: AsyncSession, token: str) -> Invited:
    """Return the open invitation with this token. Raises `InvitationEnded`."""
    invited = await find_invited(session, token)
    if invited is None:
        raise InvitationEnded
    return invited


async def prove_account(
    invited: Invited,
    given: AdminAcceptance,
    log_in: PasswordLogIn,
    sign_in: SignIn,
    hashing: HashingLimits,
    threads: PasswordThreads,
    is_gone: IsGone,
) -> User:
    """Return the user with the right password, or one to be created with a new password.

    The link alone does not make an admin of an existing account, and neither does the password if
    the account has a second factor. Raises `WrongCredentials`, `FactorNeeded`, `FactorWrong`,
    `PasswordWeak` and `InvalidInput`; wrong proofs are limited as those of a sign-in are.
    """
    email = open_email(sign_in.sealer, invited.invitation)
    address, allowance = sign_in.address, sign_in.allowance
    if invited.user is not None:
        found = await log_in.authenticate(
            email, given.password, address=address, allowance=allowance, is_gone=is_gone
        )
        await prove_code(sign_in, found.user, given.factor_code)
        return found.user
    draft = parse(NewAdmin, name=given.name or "", password=given.password)
    async with hashing.charged(address, allowance):
        hashed = await passwords.hash_new_password(
            threads, draft.password, (draft.name, email), is_gone
        )
    user = User(name=draft.name, password_hash=hashed)
    seal_email(sign_in.sealer, user, email)
    return user


async def accept_admin_invitation(session: AsyncSession, invited: Invited, proven: User) -> User:
    """Use an invitation up and make the proven user an admin. Creates the account if it is new.

    Raises `InvitationEnded` if another request was faster, or a newer link replaced this one,
    `EmailTaken` if the address got an account meanwhile, whose password is then needed, and
    `WrongCredentials` if the password was changed meanwhile.
    """
    await _use_up(session, invited.invitation)
    if invited.user is not None:
        await ensure_same_epoch(session, proven)
    if invited.user is None and not await create_account(session, proven):
        raise EmailTaken
    await change_role(session, user_id=proven.id, role=Role.ADMIN, actor=Viewer(proven.id))
    return await session.get_one(User, proven.id)


async def list_admins(session: AsyncSession) -> Sequence[User]:
    rows = select(User).where(User.role == Role.ADMIN).order_by(col(User.id))
    return (await session.exec(rows)).all()


async def remove_admin(session: AsyncSession, sealer: Sealer, account: UUID | str) -> Removed:
    """Make an admin a user, by id or address, and end an open invitation of the address.

    An admin who signs in by phone alone has no address, and no invitation.
    The invitation comes first: this waits for a request that is accepting it, and then sees its
    admin. All admins are locked: two who were removed at once could otherwise be the last two.
    Raises `LastAdmin`.
    """
    if isinstance(account, UUID):
        found = await session.get(User, account)
        lookup = lookup_of(found) if found else Lookup(b"", b"")
    else:
        lookup = lookup_email(sealer, account)
    ended = await session.exec(
        delete(AdminInvitation)
        .where(has_email(AdminInvitation, lookup), col(AdminInvitation.used_at).is_(None))
        .returning(col(AdminInvitation.id))
    )
    admins = await lock_admins(session)
    user = next(
        (one for one in admins if one.id == account or lookup_of(one).matches(lookup)), None
    )
    if user is not None:
        if await is_only_admin(session, user.id):
            raise LastAdmin
        await change_role(session, user_id=user.id, role=Role.USER)
    return Removed(admin=user is not None, link=ended.first() is not None)


async def _use_up(session: AsyncSession, invitation: AdminInvitation) -> None:
    used = await session.exec(
        update(AdminInvitation)
        .where(
            col(AdminInvitation.token_hash) == invitation.token_hash,
            col(AdminInvitation.used_at).is_(None),
            col(AdminInvitation.expires_at) > now(),
        )
        .values(used_at=now())
        .returning(col(AdminInvitation.id))
    )
    if used.first() is None:
        raise InvitationEnded
