"""Phone numbers of accounts, and the codes that prove them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints
from sqlalchemy import CheckConstraint, ColumnElement, UniqueConstraint, text
from sqlmodel import Field, SQLModel, col, or_

from core.clock import now
from core.countries.phone_numbers import MAX_PHONE_LENGTH, normalize_phone
from core.security.sealed import HASH_BYTES, Lookup
from models.base import Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.identity.registrations import MAX_CODE_TRIES, Secret
from models.personal_data import delete_rows, of_others
from models.sealed_columns import check_lookup, sealed

CODE_MINUTES = 10
CODE_DIGITS, LONG_CODE_DIGITS = 6, 8
MAX_LONG_CODE_TRIES = 2
UNUSED_DAYS = 90  # after which a number may be another person's
DETACHED_DAYS = 365  # the same, of an account that only the number signs in to
RESEND_SECONDS = 60
NUMBER_COLUMN = "phone.number"
CHALLENGE_COLUMN = "phone_challenge.number"
PHONE = "PHONE"  # the kind of keyed hashes


def _normal_phone(text: str) -> str:
    normal = normalize_phone(text)
    if normal is None:
        raise InvalidValue("Enter a mobile number with its country code, such as +91 98200 12345.")
    return normal


PhoneText = Annotated[
    str, StringConstraints(max_length=2 * MAX_PHONE_LENGTH), AfterValidator(_normal_phone)
]


def _end() -> datetime:
    return now() + timedelta(minutes=CODE_MINUTES)


class Phone(Row, table=True):
    """The proven number of an account, sealed. It is found by its keyed hashes.

    `proven_at` is when a code was last right. With `ticket_texts`, the user wants links to tickets
    there; a new number is a new row, which has to be allowed again.
    """

    __table_args__ = (*check_lookup("lookup"), UniqueConstraint("user_id"))
    __privacy__ = delete_rows(secrets="lookup next_lookup")

    user_id: UUID = foreign_key("user", index=False)
    number: bytes = sealed(lookup="lookup", kind=f"'{PHONE}'")
    lookup: bytes = Field(unique=True)
    next_lookup: bytes | None = Field(default=None, unique=True)
    proven_at: datetime = timestamp(
        default_factory=now, sa_column_kwargs={"server_default": text("now()")}
    )
    ticket_texts: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})

    @classmethod
    def has_number(cls, number: Lookup) -> ColumnElement[bool]:
        """Return the condition that a row is of a number."""
        return or_(col(cls.lookup) == number.oldest, col(cls.next_lookup) == number.newest)


class PhonePurpose(StrEnum):
    """The act that a code is for."""

    LOG_IN = "LOG_IN"
    CHANGE_PHONE = "CHANGE_PHONE"


class PhoneChallenge(Row, table=True):
    """A request for a code to a number. The code is valid once, for 10 minutes.

    It is valid only with the secret that the client got which asked, so that a code for one number
    cannot be tried for another. A row is stored for every number. The job that sends the message
    looks for the account, and uses its language, else `locale`, that of the request. `tries` counts
    the codes that were tried.
    While others guess codes of many numbers, a code is long: it has eight digits, and two tries.
    `epoch` is that of the user whose number it is to become: a new password ends the request.
    """

    __tablename__ = "phone_challenge"
    __table_args__ = (
        CheckConstraint(f"octet_length(lookup) = {HASH_BYTES}", name="lookup"),
        CheckConstraint(f"tries BETWEEN 0 AND {MAX_CODE_TRIES}", name="tries"),
        CheckConstraint(f"NOT is_long OR tries <= {MAX_LONG_CODE_TRIES}", name="long_tries"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
        CheckConstraint("(purpose = 'CHANGE_PHONE') = (user_id IS NOT NULL)", name="user_id"),
    )
    __privacy__ = delete_rows(
        personal="locale",
        secrets="lookup secret_hash code_hash",
        none="epoch tries",
    )

    purpose: PhonePurpose = enum_column(PhonePurpose)
    user_id: UUID | None = optional_foreign_key("user")
    epoch: int | None = None
    number: bytes = sealed()
    lookup: bytes  # for servers of the previous release
    secret_hash: bytes = Field(unique=True)
    code_hash: bytes | None = None
    locale: str = Field(default="en", max_length=16, sa_column_kwargs={"server_default": "en"})
    is_long: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    tries: int = 0
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)

    @property
    def digits(self) -> int:
        return LONG_CODE_DIGITS if self.is_long else CODE_DIGITS

    @property
    def most_tries(self) -> int:
        return MAX_LONG_CODE_TRIES if self.is_long else MAX_CODE_TRIES


class WrongCodes(SQLModel, table=True):
    """The wrong codes of a block of numbers, or of all. `level` drains to zero within an hour.

    `key` is a keyed hash.
    """

    __tablename__ = "wrong_codes"
    __table_args__ = (
        CheckConstraint(f"octet_length(key) = {HASH_BYTES}", name="key"),
        CheckConstraint("level >= 0", name="level"),
    )
    __privacy__ = of_others(none="key level")

    key: bytes = Field(primary_key=True)
    level: float
    counted_at: datetime = timestamp()


class PhoneDraft(BaseModel, frozen=True):
    """Validated input of a phone number."""

    phone: PhoneText


class PhoneProof(BaseModel, frozen=True):
    """Validated proof that the caller reads the messages of a number."""

    challenge_id: Secret
    code: Annotated[str, StringConstraints(max_length=40)]


class NumberUnused(Refusal):
    message = (
        "Your account was not used for {days} days, so this number may be another person's by now."
        " Sign in with your email address."
    )
    meaning = (
        "The code was right, but the account was not used for 90 days: operators give numbers to"
        " other people."
    )
    remedy = "Offer to sign in with an email address, or to choose a new password."


class NumberInUse(Refusal):
    message = (
        "This number is the only way to sign in to another account. Sign in with it there, and add"
        " an email address first."
    )
    meaning = "The code was right, but without the number, no one could sign in to another account."
    remedy = "Offer to sign in with the number, or to enter another one."


class NumberNotServed(Refusal):
    message = "Codes cannot be sent to this number. Sign in with your email address instead."
    meaning = "The number is of a country that is not served, or codes by phone are turned off."
    remedy = "Offer to sign in with an email address."
