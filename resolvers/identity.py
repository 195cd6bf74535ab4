"""Accounts, sessions and API tokens."""

import strawberry

from core.security import passwords
from engine.context import Info
from engine.mutation import mutation
from engine.types import decode_id, field
from models.errors import InvalidInput, NotFound
from models.identity import api_tokens as rows
from models.identity.accounts import EmailTaken, Registration, SessionEnded, WrongCredentials
from models.validation import parse
from schema.identity.api_tokens import ApiToken
from schema.identity.inputs import (
    ApiTokenId,
    CreateApiTokenInput,
    CreateApiTokenPayload,
    LogInInput,
    LogInPayload,
    OptionalRefreshToken,
    RefreshToken,
    RegisterInput,
    RegisterPayload,
)
from schema.identity.types import Session, User
from services.identity import accounts, api_tokens


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
        user = await app.log_in.authenticate(
            input.email, input.password, address=address, allowance=info.context.redis_allowance
        )
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

    @mutation(personal=True)
    async def log_out(self, info: Info, refresh_token: OptionalRefreshToken = None) -> None:
        """End a session. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            await accounts.log_out(session, info.context.viewer, refresh_token)

    @mutation(personal=True, raises=(InvalidInput, rows.ApiTokenLimitReached))
    async def create_api_token(
        self, info: Info, input: CreateApiTokenInput
    ) -> CreateApiTokenPayload:
        """Create an API token, with which a program acts as the viewer."""
        draft = parse(
            rows.ApiTokenDraft,
            name=input.name,
            scopes=set(input.scopes),
            expires_at=input.expires_at,
        )
        async with info.context.transaction() as session:
            token, secret = await api_tokens.create_api_token(session, info.context.viewer, draft)
        return CreateApiTokenPayload(api_token=ApiToken.wrap(token), secret=secret)

    @mutation(personal=True, raises=(NotFound,), api_token=ApiToken)
    async def revoke_api_token(self, info: Info, api_token_id: ApiTokenId) -> rows.ApiToken:
        """Revoke an API token. Its connections are closed within seconds."""
        async with info.context.transaction() as session:
            return await api_tokens.revoke_api_token(
                session, info.context.viewer, api_token_id=decode_id(api_token_id, ApiToken)
            )
