"""Signing in and out."""

import strawberry

from core import passwords
from engine.context import Info
from engine.errors import mutation, user_errors
from engine.types import field
from models.errors import Refusal
from models.identity.accounts import Registration, SessionEnded
from models.validation import parse
from schema.identity.types import (
    LogInInput,
    LogInPayload,
    LogOutInput,
    LogOutPayload,
    RefreshSessionInput,
    RefreshSessionPayload,
    RegisterInput,
    RegisterPayload,
    Session,
    User,
)
from services.identity import accounts


@strawberry.type
class IdentityQuery:
    """Who is asking."""

    @field("Who is signed in; null for nobody.")
    async def viewer(self, info: Info) -> User | None:
        user_id = info.context.viewer.optional_user_id
        async with info.context.read_session() as session:
            return User.maybe(await accounts.find_user(session, user_id))


@strawberry.type
class IdentityMutation:
    """Accounts and sessions."""

    @mutation("Make an account and sign in to it.", personal=True)
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:
        given = parse(Registration, email=input.email, password=input.password, name=input.name)
        hashed = await passwords.hash_password(given.password)
        app = info.context.app
        async with info.context.transaction() as session:
            user = await accounts.register(session, given, hashed)
            tokens = await accounts.open_session(session, user, app.keys, app.lifetimes)
        info.context.signed_in_user_id = user.id
        return RegisterPayload(session=Session.of(tokens), viewer=User.of(user))

    @mutation("Sign in. After many failed attempts one must wait.", personal=True)
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:
        app = info.context.app
        counted = (f"log-in:{input.email.lower()[:254]}", f"log-in-from:{info.context.address}")
        async with app.attempts.few_at_once(*counted):
            await app.attempts.ensure_allowed(*counted)
            try:
                user = await accounts.authenticate(app.database, input.email, input.password)
            except Refusal:
                await app.attempts.count(*counted)
                raise
        async with info.context.transaction() as session:
            tokens = await accounts.open_session(session, user, app.keys, app.lifetimes)
        info.context.signed_in_user_id = user.id
        return LogInPayload(session=Session.of(tokens), viewer=User.of(user))

    @mutation(
        "Trade a refresh token for new tokens. A token used twice ends its session.",
        personal=True,
    )
    async def refresh_session(
        self, info: Info, input: RefreshSessionInput
    ) -> RefreshSessionPayload:
        app = info.context.app
        async with info.context.transaction() as session:
            tokens = await accounts.refresh_session(
                session, input.refresh_token, app.keys, app.lifetimes
            )
        if tokens is None:
            return RefreshSessionPayload(errors=user_errors(SessionEnded(), info.context.locales))
        return RefreshSessionPayload(session=Session.of(tokens))

    @mutation(
        "End a session: its refresh tokens at once, its sockets within moments.",
        personal=True,
    )
    async def log_out(self, info: Info, input: LogOutInput) -> LogOutPayload:
        async with info.context.transaction() as session:
            await accounts.log_out(session, info.context.viewer, input.refresh_token)
        return LogOutPayload()
