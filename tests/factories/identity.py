"""Users, their sessions and API tokens."""

import hashlib
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher

from core.clock import now
from core.security import tokens
from models.identity.accounts import Role, User, UserSession
from models.identity.api_tokens import ApiScope, ApiToken
from tests.factories.base import NUMBERS, RowStore

PASSWORD = "correct horse battery staple"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class IdentityRows(RowStore):
    """Creates users and their credentials."""

    async def user(self, **values: Any) -> User:
        """Return a user of a month ago, for whom daily quotas are not reduced.

        An open session has the user's id, see `Client.signed_in`.
        """
        number = next(NUMBERS)
        given: dict[str, Any] = {
            "email": f"user{number}@haat.example",
            "name": f"User {number}",
            "created_at": now() - timedelta(days=30),
        }
        user = User(password_hash=HASHED, **given | values)
        await self.save(user, UserSession(id=user.id, user_id=user.id))
        return user

    async def admin(self) -> User:
        return await self.user(role=Role.ADMIN)

    async def session(self, user: User) -> UserSession:
        session = UserSession(user_id=user.id)
        await self.save(session)
        return session

    async def api_token(self, user: User, *scopes: ApiScope, **values: Any) -> tuple[ApiToken, str]:
        """Return a token and its secret. It has all scopes unless some are given."""
        secret = tokens.new_token()
        given: dict[str, Any] = {
            "name": f"Program {next(NUMBERS)}",
            "prefix": secret[: tokens.VISIBLE_LENGTH],
            "token_hash": hashlib.sha256(secret.encode()).digest(),
            "scopes": list(scopes or ApiScope),
        } | values
        token = ApiToken(user_id=user.id, **given)
        await self.save(token)
        return token, secret
