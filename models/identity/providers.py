"""Accounts at providers such as Google, and the redirects that prove them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.registrations import EmailAddress, Secret
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, sealed
from models.text import MAX_NAME_LENGTH, Name, one_line_constraint

FLOW_MINUTES = 10
MAX_REDIRECT_LENGTH = 500
MAX_SUBJECT_LENGTH = 255  # OpenID Connect Core, 2
CHALLENGE_LENGTH = 43  # of a SHA-256 in base64url (RFC 7636, 4.2)

CodeChallenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
CodeVerifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]


class SignInProvider(StrEnum):
    GOOGLE = "GOOGLE"
    FACEBOOK = "FACEBOOK"


class ProviderPurpose(StrEnum):
    """The mutation that takes the result of a redirect."""

    LOG_IN = "LOG_IN"
    LINK = "LINK"
    STEP_UP = "STEP_UP"


def _end() -> datetime:
    return now() + timedelta(minutes=FLOW_MINUTES)


class ProviderFlow(Row, table=True):
    """A redirect to a provider and back, for one client and in one browser, within ten minutes.

    It proceeds in four steps, each of which is possible once. The client starts it, with the hash
    of a secret of its own (PKCE). A browser opens it: `browser_hash` is that of its cookie. The
    provider answers in the same browser: `answered_at`, and then who the user is there. The client
    that started it takes the answer, with a code that only the redirect has: `used_at`.

    `email_proven` is whether the provider alone decides who has the address. `epoch` is that of
    `user_id`, who started to link an account or to step up. Secrets are stored as SHA-256.
    """

    __tablename__ = "provider_flow"
    __table_args__ = (
        CheckConstraint("(purpose = 'LOG_IN') = (user_id IS NULL)", name="user_id"),
        CheckConstraint("(epoch IS NULL) = (user_id IS NULL)", name="epoch"),
        CheckConstraint(f"char_length(redirect_url) <= {MAX_REDIRECT_LENGTH}", name="redirect_url"),
        CheckConstraint(f"char_length(code_challenge) = {CHALLENGE_LENGTH}", name="code_challenge"),
        CheckConstraint("answered_at IS NULL OR browser_hash IS NOT NULL", name="answered_at"),
        CheckConstraint("code_hash IS NULL OR answered_at IS NOT NULL", name="code_hash"),
        CheckConstraint(
            "(code_hash IS NULL) = (subject IS NULL) AND (issuer IS NULL) = (subject IS NULL)",
            name="subject",
        ),
        CheckConstraint(
            f"char_length(subject) BETWEEN 1 AND {MAX_SUBJECT_LENGTH}"
            f" AND char_length(issuer) BETWEEN 1 AND {MAX_SUBJECT_LENGTH}",
            name="length",
        ),
        CheckConstraint("(email IS NULL) = (email_lookup IS NULL)", name="email"),
        *check_lookup("email_lookup"),
        CheckConstraint("email IS NOT NULL OR NOT email_proven", name="email_proven"),
        CheckConstraint(f"char_length(name) <= {MAX_NAME_LENGTH}", name="name"),
        one_line_constraint("name"),
        CheckConstraint(
            "used_at IS NULL OR (used_at <= expires_at AND code_hash IS NOT NULL)", name="used_at"
        ),
    )
    __privacy__ = delete_rows(
        address="email_lookup",
        personal="issuer subject name",
        secrets="email_lookup next_email_lookup code_challenge state_hash browser_hash code_hash",
        none="epoch redirect_url",
    )

    purpose: ProviderPurpose = enum_column(ProviderPurpose)
    provider: SignInProvider = enum_column(SignInProvider)
    user_id: UUID | None = optional_foreign_key("user")
    epoch: int | None = None
    redirect_url: str
    code_challenge: str
    state_hash: bytes = Field(unique=True)
    browser_hash: bytes | None = None
    answered_at: datetime | None = timestamp(default=None)
    code_hash: bytes | None = Field(default=None, unique=True)
    issuer: str | None = None
    subject: str | None = None
    email: bytes | None = sealed(lookup="email_lookup", kind=EMAIL_KIND, optional=True)
    email_lookup: bytes | None = None
    next_email_lookup: bytes | None = None
    email_proven: bool = False
    name: Name | None = None
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)


class ProviderIdentity(Row, table=True):
    """A user's account at a provider, which signs in to the account here.

    It is found by its subject at the issuer alone, never by an address. A user has at most one of
    each provider: another one with the same address may be another person's.
    """

    __tablename__ = "provider_identity"
    __table_args__ = (
        UniqueConstraint("provider", "issuer", "subject"),
        UniqueConstraint("user_id", "provider"),
        CheckConstraint(
            f"char_length(subject) BETWEEN 1 AND {MAX_SUBJECT_LENGTH}"
            f" AND char_length(issuer) BETWEEN 1 AND {MAX_SUBJECT_LENGTH}",
            name="length",
        ),
    )
    __privacy__ = delete_rows(personal="issuer subject")

    user_id: UUID = foreign_key("user", index=False)
    provider: SignInProvider = enum_column(SignInProvider)
    issuer: str
    subject: str
    last_used_at: datetime | None = timestamp(default=None)


class ProviderStart(BaseModel, frozen=True):
    """Validated start of a redirect."""

    provider: SignInProvider
    purpose: ProviderPurpose
    redirect_url: Annotated[str, StringConstraints(max_length=MAX_REDIRECT_LENGTH)]
    code_challenge: CodeChallenge


class ProviderProof(BaseModel, frozen=True):
    """Validated answer of a provider, with the secret of the client that asked for it."""

    flow: Secret
    code_verifier: CodeVerifier


class ProviderLogIn(ProviderProof, frozen=True):
    """Validated sign-in, with what a provider may not know of a new user."""

    email: EmailAddress | None = None
    name: Name | None = None


class AccountName(BaseModel, frozen=True):
    """The name that a provider knows, if it is one that users can have."""

    name: Name


class ProviderNotServed(Refusal):
    message = "Signing in with this provider is not available. Sign in in another way."
    meaning = "The server is not set up for the provider. `signInProviders` lists those it has."
    remedy = "Offer only the providers of `signInProviders`."


class FlowEnded(Refusal):
    message = "This took too long, or was used already. Start again."
    meaning = (
        "The `flow` does not exist, has expired, was used, was started by another client or user,"
        " is for another purpose, or the password has changed."
    )
    remedy = "Call `startProvider` again."


class DetailsNeeded(Refusal):
    message = "Enter your name and email address to create an account."
    meaning = (
        "The provider gave no name or no email address that can be used: `field` is the missing"
        " one. The `flow` stays valid."
    )
    remedy = "Ask the user, and repeat `logInWithProvider` with `email` or `name`."


class ProviderAccountTaken(Refusal):
    message = "This account is already used to sign in to another account on Haat."
    meaning = "The account at the provider is linked to another user."
    remedy = "Ask the user to sign in with it, and to unlink it there."


class ProviderAlreadyLinked(Refusal):
    message = "Your account has another account of this provider. Unlink it first."
    meaning = "The viewer has linked another account of the same provider."
    remedy = "Refetch `viewer.providerIdentities`, and offer to unlink it."
