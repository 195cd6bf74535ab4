"""Accounts: the signed-in user, admins by a link, sign-in, refresh and sign-out."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine.context import Context, Info
from engine.domains import UNSCOPED
from engine.mutation import mutation
from engine.types import field
from models.audit import AuditAct
from models.errors import InvalidInput, StepUpRequired
from models.identity.accounts import (
    EmailTaken,
    SessionEnded,
    UserSuspended,
    WrongCredentials,
)
from models.identity.accounts import User as UserRow
from models.identity.admin_invitations import AdminAcceptance, InvitationEnded
from models.identity.challenges import ChallengeEnded, Reauthentication
from models.identity.factors import FactorNeeded, FactorWrong
from models.identity.passkeys import PasskeyRefused
from models.identity.passwords import PasswordWeak
from models.identity.providers import FlowEnded
from models.validation import parse
from resolvers.identity.sign_ins import authenticate, first_step_payload, sign_in_of
from schema.identity.inputs import (
    AcceptAdminInvitationInput,
    LinkToken,
    LogInInput,
    LogInPayload,
    OptionalRefreshToken,
    OwnPasskey,
    OwnPassword,
    OwnProvider,
    OwnTotp,
    RefreshToken,
)
from schema.identity.types import AuthLink, Session, User
from services.identity import accounts, admin_invitations, links
from services.identity.addresses.sealed_addresses import find_email
from services.identity.factors import second_factor
from services.identity.providers import provider_log_ins
from services.identity.sessions import refreshes, sessions
from services.identity.sessions.browser_sessions import renew_cookie_if_any
from services.identity.sign_ins import sign_ins

WRONG_PASSWORD = "Incorrect password. Try again."  # noqa: S105 - no secret


async def _prove_password(context: Context, user: UserRow | None, password: str) -> None:
    try:
        email = find_email(context.app.sealer, user) if user else None
        found = await authenticate(context, email or "", password)
    except WrongCredentials:
        raise WrongCredentials(WRONG_PASSWORD) from None
    if user is None or found.user.id != user.id:  # the address is another account's by now
        raise WrongCredentials(WRONG_PASSWORD)


@strawberry.type
class AccountQuery:
    @field("The signed-in user. Null for anonymous callers.", domain=UNSCOPED)
    async def viewer(self, info: Info) -> User | None:
        user_id = info.context.viewer.optional_user_id
        async with info.context.read_session() as session:
            return User.wrap_optional(await accounts.find_user(session, user_id))

    @field(
        "Returns the purpose and the account of a link. Null if the link is no longer valid.",
        cost=10,
    )
    async def auth_link(self, info: Info, token: LinkToken) -> AuthLink | None:
        async with info.context.read_session() as session:
            found = await links.find_link(session, info.context.app.sealer, token)
        return AuthLink(**vars(found)) if found else None


@strawberry.type
class AccountMutation:
    @mutation(
        personal=True,
        hashes=True,
        audit=AuditAct.CHANGE_ROLE,
        raises=(
            InvalidInput,
            PasswordWeak,
            WrongCredentials,
            UserSuspended,
            FactorNeeded,
            FactorWrong,
            InvitationEnded,
            EmailTaken,
        ),
        viewer=User,
        repeatable="a link is used once",
    )
    async def accept_admin_invitation(
        self, info: Info, input: AcceptAdminInvitationInput
    ) -> UserRow:
        """Become an admin by the link of `haat admin create`. Give the password of the account, and
        a code if it has a second factor; or a name and a password for a new one. `authLink` returns
        which. Ends the sessions of the account. Then sign in.
        """
        context, app = info.context, info.context.app
        given = parse(AdminAcceptance, **vars(input))
        async with context.read_session() as reading:
            invited = await admin_invitations.access_invited(reading, given.token)
        proven = await admin_invitations.prove_account(
            invited,
            given,
            app.log_in,
            sign_in_of(context),
            app.hashing_limits,
            app.passwords,
            context.is_gone,
        )
        async with context.transaction() as session:
            user = await admin_invitations.accept_admin_invitation(session, invited, proven)
        context.signed_in_user_id = user.id
        return user

    @mutation(
        personal=True,
        hashes=True,
        signs_in=True,
        audit=AuditAct.LOG_IN,
        raises=(WrongCredentials, UserSuspended),
        repeatable="a session that is not used expires",
    )
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:
        """Sign in. Returns a `secondFactor` instead of a session if the user has one. Repeated
        failures are rate-limited.
        """
        found = await authenticate(info.context, input.email, input.password)
        async with info.context.transaction() as session:
            step = await sign_ins.log_in(session, sign_in_of(info.context), found)
        return await first_step_payload(info.context, step)

    @mutation(
        personal=True,
        signs_in=True,
        audit=AuditAct.REFRESH_SESSION,
        raises=(SessionEnded,),
        session=Session,
        repeatable="a refresh token is used once",
    )
    async def refresh_session(self, info: Info, refresh_token: RefreshToken) -> Session:
        """Exchange a refresh token for new tokens. A refresh token younger than 30 seconds is
        returned unchanged. A retry by the same client returns the same new refresh token, with
        another access token, for 30 seconds and for as long as no new access token was used. Any
        other use of an exchanged token ends its session, and so do repeated late retries.
        """
        context, app = info.context, info.context.app
        async with context.prepared_transaction() as unit:
            tokens = await refreshes.refresh_session(
                unit,
                refresh_token,
                app.keys,
                app.lifetimes,
                address=context.address,
                user_agent=context.user_agent,
            )
        if tokens is None:
            async with context.transaction() as session:
                await refreshes.end_stolen_session(session, refresh_token)
            raise SessionEnded  # after the commit
        return Session.from_tokens(tokens)

    @mutation(
        personal=True,
        hashes=True,
        enrols=True,
        audit=AuditAct.REAUTHENTICATE,
        raises=(
            InvalidInput,
            WrongCredentials,
            SessionEnded,
            StepUpRequired,
            FactorWrong,
            ChallengeEnded,
            PasskeyRefused,
            FlowEnded,
        ),
        fresh_until=Annotated[
            datetime, "The time until which sensitive mutations are allowed. Null on error."
        ],
        repeatable="sets a time",
    )
    async def reauthenticate(
        self,
        info: Info,
        password: OwnPassword = None,
        totp: OwnTotp = None,
        passkey: OwnPasskey = None,
        provider: OwnProvider = None,
    ) -> datetime:
        """Prove that the user is present, with the password or a provider or, if the user has a
        second factor, with that. Counts as signing in again for ten minutes, which some mutations
        require. Repeated failures are rate-limited, together with those of `logIn`.
        """
        context, viewer = info.context, info.context.viewer
        given = parse(
            Reauthentication,
            password=password,
            totp=totp,
            passkey=vars(passkey) if passkey else None,
            provider=vars(provider) if provider else None,
        )
        async with context.read_session() as session:
            user = await accounts.find_user(session, viewer.require_user())
            await sessions.ensure_step_up_method(session, viewer, given.method)
        if given.password is not None:
            await _prove_password(context, user, given.password)
        elif given.provider is None:
            await second_factor.prove(sign_in_of(context), viewer.require_user(), given)
        if context.browser is not None:
            context.browser.ensure_can_change()
        async with context.transaction() as session:
            if given.provider is not None:
                await provider_log_ins.prove_provider(session, viewer, given.provider)
            fresh_until = await sessions.reauthenticate(session, viewer, given.method)
            cookie = await renew_cookie_if_any(session, context.viewer)
        if cookie is not None:
            await context.keep_cookie(cookie)
        return fresh_until

    @mutation(personal=True, enrols=True, audit=AuditAct.LOG_OUT, repeatable="sets a state")
    async def log_out(self, info: Info, refresh_token: OptionalRefreshToken = None) -> None:
        """End a session. Its connections are closed within seconds."""
        context = info.context
        if context.browser is not None:
            context.browser.ensure_can_change()
        async with context.transaction() as session:
            await sessions.log_out(session, context.viewer, refresh_token)
        if refresh_token is None:
            await context.keep_cookie(None)
