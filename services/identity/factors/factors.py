"""The ways in which an account can prove who the caller is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, Boolean
from sqlmodel import bindparam, case, col, literal, not_, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import exists_in
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.identity.accounts import Role, User, UserSession
from models.identity.factors import FactorMissing, SignInMethod, TotpFactor
from models.identity.passkeys import Passkey
from models.identity.providers import ProviderIdentity
from models.vendors import MemberRole, VendorMember
from services.identity.factors.recovery_codes import count_recovery_codes, delete_recovery_codes
from services.viewer import Viewer

_USER: BindParameter[UUID] = bindparam("user_id")
_BY_ROLE: BindParameter[bool] = bindparam("by_role", type_=Boolean())
_HAS_TOTP = exists_in(
    TotpFactor, TotpFactor.user_id == _USER, col(TotpFactor.confirmed_at).is_not(None)
)
_HAS_PASSKEY = exists_in(Passkey, Passkey.user_id == _USER)
_IS_OWNER = exists_in(
    VendorMember, VendorMember.user_id == _USER, VendorMember.role == MemberRole.OWNER
)
# Written once: each sign-in asks it.
_FACTORS = select(_HAS_TOTP, _HAS_PASSKEY)
_MUST_ENROL = Statement(
    select(literal(1)).where(or_(_BY_ROLE, _IS_OWNER), not_(_HAS_TOTP), not_(_HAS_PASSKEY))
)


@dataclass(frozen=True)
class SecondFactor:
    """The second step of a sign-in: the id of its challenge, and the methods that meet it.

    `passkey_options` are those of the browser as JSON, for users with a passkey.
    """

    challenge_id: str
    methods: list[SignInMethod]
    passkey_options: str | None


@dataclass(frozen=True)
class FactorPolicy:
    """The users who need a second factor."""

    admins: bool = False
    owners: bool = False


NO_POLICY = FactorPolicy()


@dataclass(frozen=True)
class FactorSummary:
    """The second factors of a user, the oldest passkey first."""

    totp_enabled_at: datetime | None
    recovery_codes_left: int
    passkeys: Sequence[Passkey]


async def find_factors(session: AsyncSession, user_id: UUID) -> list[SignInMethod]:
    """Return the second factors of a user, without recovery codes. Empty if there are none."""
    found = (await session.exec(_FACTORS, params={"user_id": user_id})).one()
    methods = (SignInMethod.TOTP, SignInMethod.PASSKEY)
    return [method for method, is_set_up in zip(methods, found, strict=True) if is_set_up]


async def find_step_up_methods(session: AsyncSession, user_id: UUID) -> list[SignInMethod]:
    """Return the methods of which one proves that the user is there."""
    factors = await find_factors(session, user_id)
    if factors:
        return factors
    has_password = exists_in(User, User.id == user_id, col(User.password_hash).is_not(None))
    has_provider = exists_in(ProviderIdentity, ProviderIdentity.user_id == user_id)
    found = (await session.exec(select(has_password, has_provider))).one()
    methods = (SignInMethod.PASSWORD, SignInMethod.PROVIDER)
    usable = [method for method, is_there in zip(methods, found, strict=True) if is_there]
    return usable or [SignInMethod.PASSWORD]


async def must_enrol_factor(unit: UnitOfWork, user: User, policy: FactorPolicy) -> bool:
    """Return whether the user needs a second factor and has none."""
    by_role = policy.admins and user.role is Role.ADMIN
    if not by_role and not policy.owners:
        return False
    if isinstance(unit, AsyncSession):
        await unit.flush()  # what it adds counts
    connection = await connection_of(unit)
    found = await _MUST_ENROL.fetch_one(connection, user_id=user.id, by_role=by_role)
    return found is not None


async def ensure_factor(session: AsyncSession, user_id: UUID) -> None:
    """Raise `FactorMissing` if the user has no second factor."""
    if not await find_factors(session, user_id):
        raise FactorMissing


async def summarize_factors(session: AsyncSession, user_id: UUID) -> FactorSummary:
    confirmed = col(TotpFactor.confirmed_at).is_not(None)
    rows = select(TotpFactor.confirmed_at).where(TotpFactor.user_id == user_id, confirmed)
    enabled_at = (await session.exec(rows)).first()
    own = select(Passkey).where(Passkey.user_id == user_id).order_by(col(Passkey.id))
    passkeys = (await session.exec(own)).all()
    return FactorSummary(enabled_at, await count_recovery_codes(session, user_id), passkeys)


async def note_new_factor(session: AsyncSession, viewer: Viewer, *, is_first: bool) -> None:
    """Note that the viewer has just used the factor that they set up.

    Not in a session of a recovery code: its holder must use the new factor once more, and has no
    right to set up another one. The first factor starts the time of `User.factor_since`.
    """
    if is_first:
        user = update(User).where(col(User.id) == viewer.user_id)
        await session.exec(user.values(factor_since=now()))
    was_recovered = col(UserSession.recovered_at).is_not(None)
    await session.exec(
        update(UserSession)
        .where(col(UserSession.id) == viewer.session_id)
        .values(
            factor_at=case((was_recovered, col(UserSession.factor_at)), else_=now()),
            recovered_at=None,
        )
    )


async def note_removed_factor(session: AsyncSession, user_id: UUID) -> None:
    """End the recovery codes of a user, who is locked, with the last second factor."""
    if not await find_factors(session, user_id):
        await delete_recovery_codes(session, user_id)
        user = update(User).where(col(User.id) == user_id)
        await session.exec(user.values(factor_since=None))
