"""Signing in and out."""

import strawberry

from core import passwords
from models.errors import Refusal
from models.identity import Registration, SessionEnded
from schema.base import computed
from schema.context import Info
from schema.errors import as_data, mutation
from schema.identity import (
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
from services import identity


@strawberry.type
class IdentityQuery:
    """Who is asking."""

    @computed("Who is signed in; null for nobody.")
    async def viewer(self, info: Info) -> User | None:
        user_id = info.context.viewer.user_or_nobody
        async with info.context.reading() as session:
            return User.maybe(await identity.find_user(session, user_id))


@strawberry.type
class IdentityMutation:
    """Accounts and sessions."""

    @mutation("Make an account and sign in to it.", personal=True)
    async def register(self, info: Info, input: RegisterInput) -> RegisterPayload:
        given = Registration(email=input.email, password=input.password, name=input.name)
        hashed = await passwords.hash_password(given.password)
        house = info.context.house
        async with info.context.transaction() as session:
            user = await identity.register(session, given, hashed)
            tokens = await identity.open_session(session, user, house.keys, house.lifetimes)
        info.context.welcomed = user.id
        return RegisterPayload(session=Session.of(tokens), viewer=User.of(user))

    @mutation("Sign in. After many failed attempts one must wait.", personal=True)
    async def log_in(self, info: Info, input: LogInInput) -> LogInPayload:
        house = info.context.house
        counted = (f"log-in:{input.email.lower()[:254]}", f"log-in-from:{info.context.address}")
        async with house.attempts.few_at_once(*counted):
            await house.attempts.ensure_allowed(*counted)
            try:
                user = await identity.authenticate(house.database, input.email, input.password)
            except Refusal:
                await house.attempts.count(*counted)
                raise
        async with info.context.transaction() as session:
            tokens = await identity.open_session(session, user, house.keys, house.lifetimes)
        info.context.welcomed = user.id
        return LogInPayload(session=Session.of(tokens), viewer=User.of(user))

    @mutation(
        "Trade a refresh token for new tokens. A token used twice ends its session.",
        personal=True,
    )
    async def refresh_session(
        self, info: Info, input: RefreshSessionInput
    ) -> RefreshSessionPayload:
        house = info.context.house
        async with info.context.transaction() as session:
            tokens = await identity.refresh_session(
                session, input.refresh_token, house.keys, house.lifetimes
            )
        if tokens is None:
            return RefreshSessionPayload(errors=[as_data(SessionEnded(), info.context.locales)])
        return RefreshSessionPayload(session=Session.of(tokens))

    @mutation(
        "End a session: its refresh tokens at once, its sockets within moments.",
        personal=True,
    )
    async def log_out(self, info: Info, input: LogOutInput) -> LogOutPayload:
        async with info.context.transaction() as session:
            await identity.log_out(session, info.context.viewer, input.refresh_token)
        return LogOutPayload()
