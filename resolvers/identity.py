"""Accounts, sessions and API tokens."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.security import passwords
from engine.context import Context, Info
from engine.mutation import mutation
from engine.types import decode_id, field
from models.errors import InvalidInput, NotFound
from models.identity import api_tokens as rows
from models.identity.accounts import EmailTaken, Registration, SessionEnded, WrongCredentials
from models.identity.accounts import User as UserRow
from models.validation import parse
from schema.identity.api_tokens import ApiToken
from schema.identity.inputs import (
    ApiTokenId,
    CreateApiTokenInput,
    CreateApiTokenPayload,
    LogInInput,
    LogInPayload,
    OptionalRefreshToken,
    OwnPassword,
    RefreshToken,
    RegisterInput,
    RegisterPayload,
)
from schema.identity.types import Session, User
from services.i18n import language_of
from services.identity import accounts, api_tokens


async def _authenticate(context: Context, email: str, password: str) -> UserRow:
    """Compare the password, unless too many attempts have failed."""
    return await context.app.log_in.authenticate(
        email, password, address=context.address, allowance=context.redis_allowance
    )


@strawberry.type
class IdentityQuery:
    @field("The signed-in user. Null for anonymous callers.")
    async def viewer(self, info: Info) -> User | None:
        user_id = info.context.viewer.optional_user_id
        async with info.context.read_session() as session:
            return User.wrap_optional(await accounts.find_user(session, user_id))


@strawberry.type
class IdentityMutation:
    @mutation(personal=True, raises=(InvalidInput, EmailTaken))
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:
        """Create an account and sign in to it."""
        given = parse(Registration, email=input.email, password=input.password, name=input.name)
        hashed = await passwords.hash_password(given.password)
        app = info.context.app
        async with info.context.transaction() as session:
            user = await accounts.register(session, given, hashed)
            tokens = await accounts.open_session(
                session, user, app.keys, app.lifetimes, info.context.address
            )
        info.context.signed_in_user_id = user.id
        return RegisterPayload(session=Session.from_tokens(tokens), viewer=User.wrap(user))

    @mutation(personal=True, raises=(WrongCredentials,))
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:
        """Sign in. Repeated failures are rate-limited."""
        app, address = info.context.app, info.context.address
        user = await _authenticate(info.context, input.email, input.password)
        async with info.context.transaction() as session:
            tokens = await accounts.open_session(session, user, app.keys, app.lifetimes, address)
        info.context.signed_in_user_id = user.id
        return LogInPayload(session=Session.from_tokens(tokens), viewer=User.wrap(user))

    @mutation(personal=True, raises=(SessionEnded,), session=Session)
    async def refresh_session(self, info: Info, refresh_token: RefreshToken) -> Session:
        """Exchange a refresh token for new tokens. A token that is used twice ends its session."""
        app = info.context.app
        async with info.context.transaction() as session:
            tokens = await accounts.refresh_session(session, refresh_token, app.keys, app.lifetimes)
        if tokens is None:  # after the commit, which ends the session of a token used twice
            raise SessionEnded
        return Session.from_tokens(tokens)

    @mutation(
        personal=True,
        raises=(WrongCredentials, SessionEnded),
        fresh_until=Annotated[
            datetime, "The time until which sensitive mutations are allowed. Null on error."
        ],
    )
    async def reauthenticate(self, info: Info, password: OwnPassword) -> datetime:
        """Prove with the password that the user is present. Counts as signing in again for ten
        minutes, which some mutations require. Repeated failures are rate-limited, together with
        those of `logIn`.
        """
        viewer = info.context.viewer
        async with info.context.read_session() as session:
            user = await accounts.find_user(session, viewer.require_user())
        try:
            await _authenticate(info.context, user.email if user else "", password)
        except WrongCredentials:
            raise WrongCredentials("Incorrect password. Try again.") from None
        async with info.context.transaction() as session:
            return (await accounts.reauthenticate(session, viewer)).fresh_until

    @mutation(personal=True)
    async def log_out(self, info: Info, refresh_token: OptionalRefreshToken = None) -> None:
        """End a session. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            await accounts.log_out(session, info.context.viewer, refresh_token)

    @mutation(personal=True, fresh=True, raises=(InvalidInput, rows.ApiTokenLimitReached))
    async def create_api_token(
        self, info: Info, input: CreateApiTokenInput
    ) -> CreateApiTokenPayload:
        """Create an API token, with which a program acts as the viewer. The user gets a mail."""
        draft = parse(
            rows.ApiTokenDraft,
            name=input.name,
            scopes=set(input.scopes),
            expires_at=input.expires_at,
            expires_in_days=input.expires_in_days,
        )
        viewer, locale = info.context.viewer, language_of(info.context.locales)
        async with info.context.transaction() as session:
            token, secret = await api_tokens.create_api_token(session, viewer, draft, locale=locale)
        return CreateApiTokenPayload(api_token=ApiToken.wrap(token), secret=secret)

    @mutation(personal=True, raises=(NotFound,), api_token=ApiToken)
    async def revoke_api_token(self, info: Info, api_token_id: ApiTokenId) -> rows.ApiToken:
        """Revoke an API token. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            return await api_tokens.revoke_api_token(
                session, info.context.viewer, api_token_id=decode_id(api_token_id, ApiToken)
            )
