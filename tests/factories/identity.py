"""Users, their sessions and API tokens."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher

from core.clock import now
from core.security import tokens
from core.security.random_secrets import hash_secret
from core.text.search_text import searchable
from models.identity.accounts import Role, User, UserSession
from models.identity.api_tokens import ApiToken
from models.identity.providers import ProviderFlow
from models.identity.registrations import Registration
from models.scopes import ApiScope
from services.identity.addresses.sealed_addresses import find_email
from services.identity.registrations.registrations import hash_code
from tests.factories.base import NUMBERS, RowStore
from tests.factories.emails import give_email

PASSWORD = "correct horse battery staple"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class SignUp:
    """A registration whose mail was sent, with what the mail and the client know."""

    row: Registration
    secret: str
    token: str
    code: str


class IdentityRows(RowStore):
    """Creates users and their credentials."""

    async def user(self, **values: Any) -> User:
        """Return a user of a month ago, for whom daily quotas are not reduced.

        An open session has the user's id, see `Client.signed_in`.
        """
        number = next(NUMBERS)
        email: str | None = values.pop("email", f"user{number}@haat.example")
        given: dict[str, Any] = {
            "name": f"User {number}",
            "created_at": now() - timedelta(days=30),
        }
        given |= values
        given = {"password_hash": HASHED, "search_text": searchable(given["name"])} | given
        user = User(**given)
        if email is not None:
            give_email(self.sealer, user, email)
        await self.save(user, UserSession(id=user.id, user_id=user.id))
        return user

    async def email(self, row: Any) -> str | None:
        """Return the address of a row as the database has it now."""
        fresh: User | ProviderFlow = await self.fresh(row)
        return find_email(self.sealer, fresh)

    async def admin(self) -> User:
        return await self.user(role=Role.ADMIN)

    async def registration(self, **values: Any) -> SignUp:
        """Return a registration with the password PASSWORD. The mail was sent."""
        number = next(NUMBERS)
        secret, token, code = f"secret-{number}", f"token-{number}", f"{number % 1_000_000:06}"
        email = values.pop("email", f"new{number}@haat.example")
        given = {
            "name": f"New {number}",
            "password_hash": HASHED,
            "locale": "en",
            "secret_hash": hash_secret(secret),
            "token_hash": hash_secret(token),
            "code_hash": hash_code(hash_secret(secret), code),
        } | values
        row = Registration(**given)
        give_email(self.sealer, row, email)
        await self.save(row)
        return SignUp(row, secret, token, code)

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
