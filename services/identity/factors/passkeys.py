"""Passkeys: added and removed by their users, and verified."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import and_, col, delete, false, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change, for_reliance
from core.security import webauthn
from core.security.relying_party import RelyingParty
from core.security.sealed import Sealer
from core.security.webauthn import CredentialRefused, PasskeyUser
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.identity.challenges import ChallengeEnded, ChallengePurpose
from models.identity.passkeys import (
    MAX_PASSKEYS,
    NewPasskey,
    Passkey,
    PasskeyLimitReached,
    PasskeyPurpose,
    PasskeyRefused,
)
from services.audit import entries as audit
from services.identity import challenges
from services.identity.addresses.sealed_addresses import find_email
from services.identity.factors.factors import find_factors, note_new_factor, note_removed_factor
from services.identity.factors.recovery_codes import replace_recovery_codes
from services.identity.factors.ways_in import ensure_other_way_in
from services.identity.security_notices import SecurityNotice, send_notice
from services.viewer import Viewer


class PasskeyCopied(Exception):
    """The counter of a passkey fell. Its refusal must be stored, so this is no refusal."""

    def __init__(self, user_id: UUID) -> None:
        super().__init__(user_id)
        self.user_id = user_id


@dataclass(frozen=True)
class PasskeyStart:
    """A challenge for a passkey: its id, and the options for the browser as JSON."""

    challenge_id: str
    options: str


@dataclass(frozen=True)
class AddedPasskey:
    """A new passkey, and recovery codes if it is the user's first second factor."""

    passkey: Passkey
    recovery_codes: list[str] | None


def visible_passkeys(viewer: Viewer) -> SelectOfScalar[Passkey]:
    """Select the viewer's passkeys. Programs see none: their token may have leaked."""
    if viewer.uses_api_token:
        return select(Passkey).where(false())
    return select(Passkey).where(Passkey.user_id == viewer.user_id)


async def start_passkey(
    session: AsyncSession,
    sealer: Sealer,
    viewer: Viewer,
    purpose: PasskeyPurpose,
    party: RelyingParty,
) -> PasskeyStart:
    """Issue a challenge. Raises `NotSignedIn`, except for a sign-in."""
    if purpose is PasskeyPurpose.LOG_IN:
        challenge_id = challenges.issue(session, purpose.of_challenge, None)
        options = webauthn.authentication_options(party, challenge_id, [])
        return PasskeyStart(challenge_id, options)
    user = await session.get_one(User, viewer.require_user())
    challenge_id = challenges.issue(session, purpose.of_challenge, user)
    known = await _credential_ids(session, user.id)
    if purpose is PasskeyPurpose.STEP_UP:
        options = webauthn.authentication_options(party, challenge_id, known)
        return PasskeyStart(challenge_id, options)
    shown = PasskeyUser(user.id.bytes, find_email(sealer, user) or user.name, user.name)
    options = webauthn.registration_options(party, shown, challenge_id, known)
    return PasskeyStart(challenge_id, options)


async def options_of(
    session: AsyncSession, challenge_id: str, user_id: UUID, party: RelyingParty
) -> str | None:
    """Return the options of a second step. None if the user has no passkey."""
    known = await _credential_ids(session, user_id)
    return webauthn.authentication_options(party, challenge_id, known) if known else None


async def register_passkey(
    session: AsyncSession, viewer: Viewer, given: NewPasskey, party: RelyingParty
) -> AddedPasskey:
    """Add a passkey. Raises `ChallengeEnded`, `PasskeyRefused` and `PasskeyLimitReached`.

    The `fresh` mutation has locked the user, so that two requests cannot exceed the limit.
    """
    user_id = viewer.require_user()
    challenge = await challenges.take_try(
        session, given.challenge_id, ChallengePurpose.REGISTER_PASSKEY
    )
    if challenge.user_id != user_id:
        raise ChallengeEnded
    await challenges.use(session, challenge)
    try:
        key = webauthn.verify_registration(party, given.challenge_id, given.credential)
    except CredentialRefused as error:
        raise PasskeyRefused from error
    counted = select(func.count()).where(Passkey.user_id == user_id)
    if (await session.exec(counted)).one() >= MAX_PASSKEYS:
        raise PasskeyLimitReached(most=MAX_PASSKEYS)
    is_first = not await find_factors(session, user_id)
    passkey = Passkey(user_id=user_id, name=given.name, rp_id=party.id, **vars(key))
    session.add(passkey)
    await note_new_factor(session, viewer, is_first=is_first)
    audit.append(session, viewer, AuditAct.ADD_PASSKEY, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.PASSKEY_ADDED)
    codes = await replace_recovery_codes(session, user_id) if is_first else None
    return AddedPasskey(passkey, codes)


async def rename_passkey(
    session: AsyncSession, viewer: Viewer, *, passkey_id: UUID, name: str
) -> Passkey:
    passkey = await _access_own(session, viewer, passkey_id)
    passkey.name = name
    return passkey


async def remove_passkey(session: AsyncSession, viewer: Viewer, *, passkey_id: UUID) -> None:
    """Remove the viewer's passkey. The recovery codes end with the last second factor.

    Raises `LastWayIn` if the account could no longer be signed in to. The `fresh` mutation has
    locked the user, so that two requests cannot remove the last two.
    """
    passkey = await _access_own(session, viewer, passkey_id)
    user_id = passkey.user_id
    await ensure_other_way_in(session, user_id, but=passkey.id)
    await session.exec(delete(Passkey).where(col(Passkey.id) == passkey.id))
    await note_removed_factor(session, user_id)
    audit.append(session, viewer, AuditAct.REMOVE_PASSKEY, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.PASSKEY_REMOVED)


async def verify_passkey(
    session: AsyncSession,
    challenge_id: str,
    credential: str,
    party: RelyingParty,
    *,
    owner_id: UUID | None,
) -> UUID:
    """Return the owner of the passkey that has signed the challenge.

    Without an `owner_id`, the passkey itself must name its owner, who is locked first, as
    everywhere. Raises `PasskeyRefused`, and `PasskeyCopied` if its counter fell.
    """
    try:
        assertion = webauthn.read_assertion(credential)
        passkey = await _find(session, assertion.credential_id)
        if passkey is None:
            raise PasskeyRefused
        handle = passkey.user_id.bytes
        if assertion.user_handle not in ({handle, None} if owner_id else {handle}):
            raise PasskeyRefused
        if owner_id not in {None, passkey.user_id}:
            raise PasskeyRefused
        use = webauthn.verify_assertion(party, challenge_id, assertion, passkey.public_key)
    except CredentialRefused as error:
        raise PasskeyRefused from error
    await session.exec(for_reliance(select(User).where(User.id == passkey.user_id)))
    if not await _note_use(session, passkey, use.sign_count, backed_up=use.backed_up):
        if await _find(session, assertion.credential_id) is None:  # it was removed meanwhile
            raise PasskeyRefused
        raise PasskeyCopied(passkey.user_id)
    return passkey.user_id


async def _note_use(
    session: AsyncSession, passkey: Passkey, sign_count: int, *, backed_up: bool
) -> bool:
    """Raise the counter. Returns False if it fell: one statement decides between two requests."""
    unused = and_(col(Passkey.sign_count) == 0, sign_count == 0)
    noted = await session.exec(
        update(Passkey)
        .where(col(Passkey.id) == passkey.id, or_(unused, col(Passkey.sign_count) < sign_count))
        .values(sign_count=sign_count, last_used_at=now(), backed_up=backed_up)
        .returning(col(Passkey.id))
    )
    return noted.first() is not None


async def _find(session: AsyncSession, credential_id: bytes) -> Passkey | None:
    rows = select(Passkey).where(Passkey.credential_id == credential_id)
    return (await session.exec(rows)).first()


async def _credential_ids(session: AsyncSession, user_id: UUID) -> list[bytes]:
    rows = select(Passkey.credential_id).where(Passkey.user_id == user_id)
    return list((await session.exec(rows.order_by(col(Passkey.id)))).all())


async def _access_own(session: AsyncSession, viewer: Viewer, passkey_id: UUID) -> Passkey:
    mine = Passkey.user_id == viewer.require_user()
    rows = select(Passkey).where(Passkey.id == passkey_id, mine)
    passkey = (await session.exec(for_change(rows))).first()
    if passkey is None:
        raise NotFound
    return passkey
