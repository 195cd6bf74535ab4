"""Enums of the domain `identity` in the GraphQL schema."""

from core.security.password_strength import PasswordWeakness
from engine.enums import publish
from models.identity.accounts import Role
from models.identity.api_tokens import ApiScope
from models.identity.links import AuthLinkPurpose

__all__ = ["ApiScope", "AuthLinkPurpose", "PasswordWeakness", "Role"]

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

publish(
    PasswordWeakness,
    "Why a password is easy to guess.",
    COMMON="It is one of the commonest passwords.",
    PERSONAL="It repeats the name or the email address.",
    GUESSABLE="It consists of words, names, dates or rows of keys that few guesses find.",
)

publish(
    AuthLinkPurpose,
    "The purpose of a link.",
    VERIFY_EMAIL="`verifyEmail`: creating the account of a registration.",
    RESET_PASSWORD="`resetPassword`: a new password.",  # noqa: S106 - no secret
    CHANGE_EMAIL="`verifyEmail`: the new address of an account.",
    UNDO_CHANGE="`undoChange`: the old address of an account.",
    ACCEPT_ADMIN="`acceptAdminInvitation`: becoming an admin.",
)
