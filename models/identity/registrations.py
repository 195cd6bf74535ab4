"""Registrations: accounts that are created once their email address is verified."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints, model_validator
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from core.clock import now
from core.text.email_addresses import MAX_EMAIL_LENGTH, normalize_email
from models.base import MAX_LOCALE_TAG_LENGTH, Row, optional_foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.passwords import NewPassword
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, hashed, sealed
from models.text import MAX_NAME_LENGTH, Name, one_line_constraint

REGISTRATION_HOURS = 24
MAX_CODE_TRIES = 5
MAX_SECRET_LENGTH = 200


def _normal_email(text: str) -> str:
    normal = normalize_email(text)
    if normal is None:
        raise InvalidValue("Enter an email address such as asha@example.com.")
    return normal


def _end() -> datetime:
    return now() + timedelta(hours=REGISTRATION_HOURS)


EmailAddress = Annotated[
    str, StringConstraints(max_length=MAX_EMAIL_LENGTH), AfterValidator(_normal_email)
]
Secret = Annotated[str, StringConstraints(max_length=MAX_SECRET_LENGTH)]


class Registration(Row, table=True):
    """A request for an account. It can become one within 24 hours, once, by a link or a code.

    Several can wait for one address: the first that is verified becomes the account. Secrets are
    stored as SHA-256. Until the mail is sent, and if the address has an account, there is neither
    a link nor a code, so nothing verifies it. `tries` counts the codes that were tried. With a
    `flow_id` it came from a sign-in at a provider, which is linked to the account if the client
    that signed in there verifies the address.
    """

    __table_args__ = (
        *check_lookup("email_lookup"),
        one_line_constraint("name"),
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {MAX_NAME_LENGTH}", name="name"),
        CheckConstraint(f"char_length(locale) <= {MAX_LOCALE_TAG_LENGTH}", name="locale"),
        CheckConstraint(f"tries BETWEEN 0 AND {MAX_CODE_TRIES}", name="tries"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
        CheckConstraint("(token_hash IS NULL) = (code_hash IS NULL)", name="proofs"),
        CheckConstraint("(password_hash IS NULL) = (flow_id IS NOT NULL)", name="password_hash"),
    )
    __privacy__ = delete_rows(
        of="flow_id",
        address="email_lookup",
        personal="name locale",
        secrets="email_lookup next_email_lookup password_hash secret_hash token_hash code_hash",
        none="tries",
    )

    email: bytes = sealed(lookup="email_lookup", kind=EMAIL_KIND)
    email_lookup: bytes = hashed()
    next_email_lookup: bytes | None = None
    name: Name
    password_hash: str | None
    flow_id: UUID | None = optional_foreign_key("provider_flow")
    locale: str
    secret_hash: bytes = Field(unique=True)
    token_hash: bytes | None = Field(default=None, unique=True)
    code_hash: bytes | None = None
    tries: int = 0
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)


class RegistrationDraft(BaseModel):
    """Validated input of a registration."""

    email: EmailAddress
    password: NewPassword
    name: Name


class Verification(BaseModel):
    """Validated proof that the caller reads the mail of the address.

    It is the token of the link, or the code together with the secret of the registration. A code
    alone proves nothing: an attacker could try one code on many registrations.
    """

    token: Secret | None = None
    registration_secret: Secret | None = None
    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    password: NewPassword | None = None

    @model_validator(mode="after")
    def ensure_proof(self) -> Self:
        if self.token is None and (self.registration_secret is None or self.code is None):
            raise InvalidValue("Open the link in the mail, or enter the code where you registered.")
        return self


class CodeWrong(Refusal):
    """The code is wrong. `left` is the number of codes that can still be tried."""

    message = "This code is wrong. Tries left: {left}."
    meaning = "The code is wrong. `left` is the number of codes that can still be tried."
    remedy = "Let the user try again. At 0, register again."

    def __init__(self, left: int) -> None:
        super().__init__(left=left, field=["code"])
        self.left = left


class CodeEnded(Refusal):
    message = "This code or link is no longer valid. Register again, or sign in."
    meaning = (
        "The code, the link or the registration does not exist, has expired, was used, or too many"
        " codes were tried."
    )
    remedy = "Offer to register again, and to sign in."


class PasswordNeeded(Refusal):
    message = "Choose a password for your account."
    meaning = (
        "The link was opened without the `registrationSecret`, so the password of the registration"
        " may be another person's."
    )
    remedy = "Ask the user for a new password, and send it with the same token."
