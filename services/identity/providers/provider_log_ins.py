"""Signing in with an account at a provider, which can create an account here, and linking one."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from core.redis.timeouts import RedisAllowance
from models.identity.accounts import User, WrongCredentials
from models.identity.providers import (
    DetailsNeeded,
    ProviderFlow,
    ProviderIdentity,
    ProviderLogIn,
    ProviderProof,
    ProviderPurpose,
)
from services.identity.accounts import find_user_by_email
from services.identity.addresses.sealed_addresses import find_email, lookup_of, seal_email
from services.identity.factors.factors import SecondFactor
from services.identity.providers.provider_flows import take_flow
from services.identity.providers.provider_identities import (
    can_link,
    find_owner,
    is_own,
    link_identity,
)
from services.identity.registrations.registration_limits import RegistrationLimits
from services.identity.registrations.registrations import create_account, register_with_provider
from services.identity.sessions.sessions import Tokens
from services.identity.sign_ins.sign_ins import SignIn, continue_sign_in
from services.viewer import ANONYMOUS, Viewer


@dataclass(frozen=True)
class AddressStep:
    """An account that is created once its address is verified, by a code that was mailed."""

    registration_secret: str


async def log_in_with_provider(
    session: AsyncSession,
    sign_in: SignIn,
    given: ProviderLogIn,
    limits: RegistrationLimits,
    allowance: RedisAllowance,
    *,
    locale: str,
) -> Tokens | SecondFactor | AddressStep:
    """Continue a sign-in whose first proof is the answer of a provider.

    The user is found by the account at the provider alone. Without one, an address that the
    provider alone decides about proves who has it; any other is proven by a code, as in
    `register`. Raises `FlowEnded`, `DetailsNeeded` and `TooManyRequests`, after which the answer
    can be used again.
    """
    flow = await take_flow(session, given, ProviderPurpose.LOG_IN, ANONYMOUS)
    owner = await find_owner(session, flow)
    if owner is not None:
        return await continue_sign_in(session, sign_in, owner)
    own = find_email(sign_in.sealer, flow)
    email = given.email or own
    if email is None:
        raise DetailsNeeded(field=["email"])
    if flow.email_proven and email == own:
        step = await _log_in_by_address(session, sign_in, flow, given, email, locale)
        if step is not None:
            return step
    name = _name_of(flow, given)
    async with limits.requested_mail(email, sign_in.address, allowance):
        secret = await register_with_provider(
            session, sign_in.sealer, flow, email, name, locale=locale
        )
    return AddressStep(secret)


async def link_provider(
    session: AsyncSession, viewer: Viewer, given: ProviderProof
) -> ProviderIdentity:
    """Link the account of an answer to the viewer, who started the flow.

    Raises `FlowEnded`, `ProviderAccountTaken` and `ProviderAlreadyLinked`.
    """
    flow = await take_flow(session, given, ProviderPurpose.LINK, viewer)
    return await link_identity(session, viewer, flow)


async def prove_provider(session: AsyncSession, viewer: Viewer, given: ProviderProof) -> None:
    """Use an answer up that proves that the viewer is there.

    Raises `FlowEnded`, and `WrongCredentials` if it is of an account that is not the viewer's.
    """
    flow = await take_flow(session, given, ProviderPurpose.STEP_UP, viewer)
    if not await is_own(session, viewer.require_user(), flow):
        raise WrongCredentials("This is not the account that you have linked. Use that one.")


async def _log_in_by_address(
    session: AsyncSession,
    sign_in: SignIn,
    flow: ProviderFlow,
    given: ProviderLogIn,
    email: str,
    locale: str,
) -> Tokens | SecondFactor | None:
    """Sign in to the account of a proven address, and create it if there is none.

    Returns None if the address is kept for its former account. So it does if the account has
    another account of this provider: a domain can give an address to a new employee.
    """
    user = await find_user_by_email(session, lookup_of(flow))
    if user is None:
        name = _name_of(flow, given)
        user = User(name=name, password_hash=None, locale=locale)
        seal_email(sign_in.sealer, user, email)
        if await create_account(session, user):
            await link_identity(session, Viewer(user.id), flow, notice=False)
            return await sign_in.finish(session, user)
        user = await find_user_by_email(session, lookup_of(flow))  # another request was faster
    if user is None or not await can_link(session, user.id, flow):
        return None
    return await continue_sign_in(session, sign_in, user, flow)


def _name_of(flow: ProviderFlow, given: ProviderLogIn) -> str:
    name = given.name or flow.name
    if name is None:
        raise DetailsNeeded(field=["name"])
    return name
