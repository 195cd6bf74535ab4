"""Enums of the domain `identity` in the GraphQL schema."""

from engine.enums import publish
from models.identity.accounts import Role
from models.identity.api_tokens import ApiScope

__all__ = ["ApiScope", "Role"]

publish(
    ApiScope,
    "A permission of an API token.",
    READ="Queries and subscriptions.",
    WRITE="Mutations, except those that require a signed-in user.",
)

publish(
    Role,
    "The role of a user on the whole platform.",
    USER="A user without special rights.",
    ADMIN="Approves vendors, moderates, and can see the whole platform.",
)
