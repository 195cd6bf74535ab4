"""Second factors: one-time codes of an app, and recovery codes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from core.clock import now
from models.base import Row, foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import delete_rows
from models.sealed_columns import sealed

PENDING_MINUTES = 10  # from `enableTotp` to `confirmTotp`
MAX_WRONG_CODES = 20  # in WRONG_CODE_HOURS, of one account
MAX_WRONG_CODES_WITH_MAIL = 40  # if a code by mail was right as well
WRONG_CODE_HOURS = 24
RECOVERY_CODES = 10

FactorCode = Annotated[str, StringConstraints(max_length=40)]


class SignInMethod(StrEnum):
    """A way of proving who the caller is."""

    PASSWORD = "PASSWORD"  # noqa: S105 - no secret
    PROVIDER = "PROVIDER"
    TOTP = "TOTP"
    PASSKEY = "PASSKEY"
    RECOVERY_CODE = "RECOVERY_CODE"


FIRST_METHODS = {SignInMethod.PASSWORD, SignInMethod.PROVIDER}  # after them, a factor is asked for


def _pending_end() -> datetime:
    return now() + timedelta(minutes=PENDING_MINUTES)


class TotpFactor(Row, table=True):
    """The secret of an app that generates one-time codes (RFC 6238), sealed.

    It is pending until the user has entered a code of it, before `expires_at`; a user has at most
    one that is pending, and one that is confirmed. `last_step` is the newest step of 30 seconds
    whose code was accepted: codes of it and of earlier steps are refused. `tried_at` are the times
    of the last wrong codes, at most 40.
    """

    __tablename__ = "totp"
    __table_args__ = (
        CheckConstraint("last_step >= 0", name="last_step"),
        CheckConstraint(f"cardinality(tried_at) <= {MAX_WRONG_CODES_WITH_MAIL}", name="tried_at"),
        CheckConstraint("confirmed_at <= expires_at", name="confirmed_at"),
        Index(
            "totp_confirmed_key",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
        Index(
            "totp_pending_key",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL"),
        ),
    )
    __privacy__ = delete_rows(secrets="secret", none="last_step tried_at")

    user_id: UUID = foreign_key("user", index=False)
    secret: bytes = sealed()
    expires_at: datetime = timestamp(default_factory=_pending_end)
    confirmed_at: datetime | None = timestamp(default=None)
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    tried_at: list[datetime] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(DateTime(timezone=True)), nullable=False, server_default="{}"),
    )


class RecoveryCode(Row, table=True):
    """A code that replaces the second factor once. Only its SHA-256 is stored.

    That suffices, because a code has 80 random bits: nothing finds it from its hash.
    """

    __tablename__ = "recovery_code"
    __table_args__ = (
        UniqueConstraint("user_id", "code_hash"),
        CheckConstraint("octet_length(code_hash) = 32", name="code_hash"),
    )
    __privacy__ = delete_rows(secrets="code_hash")

    user_id: UUID = foreign_key("user", index=False)
    code_hash: bytes
    used_at: datetime | None = timestamp(default=None)


class TotpCode(BaseModel, frozen=True):
    """Validated code of an app."""

    code: FactorCode


class FactorWrong(Refusal):
    """The second factor is wrong. `left` is the number of tries that are left, if they are few."""

    message = "This is wrong, or was used already. Wait for the next code, then try again."
    meaning = (
        "The code is wrong, or was used already: each is accepted once, and no earlier one"
        " afterwards. `left` is the number of tries that are left in this sign-in."
    )
    remedy = "Let the user try again, with the next code of the app. At 0, sign in again."

    def __init__(self, left: int | None = None, *, field: list[str] | None = None) -> None:
        super().__init__(field=field)
        self.left = left


class MailCodeNeeded(Refusal):
    message = "Many wrong codes were entered. Enter the code that we send by mail as well."
    meaning = (
        "20 wrong codes of the app were entered for the account in 24 hours. This one was not"
        " compared: it is accepted only with a `mailCode`."
    )
    remedy = "Call `requestMailCode`, ask for the code of the mail, and send both codes."


class FactorNeeded(Refusal):
    message = "Your account has a second factor. Enter a code of your app, or a recovery code."
    meaning = "The password is right, but the account has a second factor too."
    remedy = "Ask for the code, and send it as `factorCode` with the same values."


class SetupEnded(Refusal):
    message = "This setup is no longer valid. Start it again."
    meaning = "There is no `enableTotp` of the last ten minutes, or its secret was replaced."
    remedy = "Call `enableTotp` again, and show its new secret."


class FactorMissing(Refusal):
    message = "Your account has no second factor. Set one up first."
    meaning = "The account has no second factor, so there is nothing to turn off or to recover."
    remedy = "Refetch the viewer's factors."


class LastWayIn(Refusal):
    message = "Without this, you could no longer sign in. Add another way to sign in first."
    meaning = (
        "The account has no password, no other passkey and no other account at a provider. Its"
        " phone number counts only if it has no email address."
    )
    remedy = "Offer to add a passkey, or to set a password with `requestPasswordReset`."
