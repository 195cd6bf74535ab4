"""Challenges: a proof that the server waits for, from one client, for minutes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, StringConstraints, model_validator
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from core.clock import now
from core.security.passwords import MAX_PASSWORD_LENGTH
from models.base import Row, open_enum_column, optional_foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.identity.factors import FactorCode, SignInMethod
from models.identity.providers import ProviderProof
from models.personal_data import delete_rows

CHALLENGE_MINUTES = 10
MAX_FACTOR_TRIES = 5

MAX_CREDENTIAL_LENGTH = 20_000  # of the JSON of a passkey; most have about 1,000 characters

ChallengeId = Annotated[str, StringConstraints(max_length=200)]
CredentialJson = Annotated[str, StringConstraints(max_length=MAX_CREDENTIAL_LENGTH)]


class ChallengePurpose(StrEnum):
    """The mutation that a challenge is made for."""

    SECOND_FACTOR = "SECOND_FACTOR"
    REGISTER_PASSKEY = "REGISTER_PASSKEY"
    LOG_IN = "LOG_IN"
    STEP_UP = "STEP_UP"


def _end() -> datetime:
    return now() + timedelta(minutes=CHALLENGE_MINUTES)


class FactorChallenge(Row, table=True):
    """A proof that a client was asked for. It is met once, and at most five proofs are compared.

    The client knows it by a random id, of which only the SHA-256 is stored: for SECOND_FACTOR, that
    id proves that its holder knew the password. A passkey signs the id, and for LOG_IN it is not
    known yet whose passkey that is. `epoch` is that of the user: a new password ends the challenge.
    With a `flow_id` the first proof was an account at a provider, which is linked afterwards.
    `mail_code_hash` is that of a code by mail, which the app's code needs beside it after many
    wrong ones.
    """

    __tablename__ = "factor_challenge"
    __table_args__ = (
        CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
        CheckConstraint(f"tries BETWEEN 0 AND {MAX_FACTOR_TRIES}", name="tries"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
        CheckConstraint("(purpose = 'LOG_IN') = (user_id IS NULL)", name="user_id"),
        CheckConstraint("(epoch IS NULL) = (user_id IS NULL)", name="epoch"),
        CheckConstraint("flow_id IS NULL OR purpose = 'SECOND_FACTOR'", name="flow_id"),
        CheckConstraint(
            "mail_code_hash IS NULL OR purpose = 'SECOND_FACTOR'", name="mail_code_hash"
        ),
    )
    __privacy__ = delete_rows(
        of="user_id flow_id", secrets="secret_hash mail_code_hash", none="epoch tries"
    )

    purpose: ChallengePurpose = open_enum_column(ChallengePurpose)
    user_id: UUID | None = optional_foreign_key("user")
    epoch: int | None = None
    flow_id: UUID | None = optional_foreign_key("provider_flow")
    secret_hash: bytes = Field(unique=True)
    mail_code_hash: bytes | None = None
    tries: int = 0
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)


class PasskeyProof(BaseModel, frozen=True):
    """Validated answer of a passkey to a challenge."""

    challenge_id: ChallengeId
    credential: CredentialJson


class SecondFactorProof(BaseModel, frozen=True):
    """Validated proof of a second factor: exactly one of them. `mail_code` may go with `totp`."""

    challenge_id: ChallengeId
    totp: FactorCode | None = None
    mail_code: FactorCode | None = None
    recovery_code: FactorCode | None = None
    passkey: CredentialJson | None = None

    @model_validator(mode="after")
    def ensure_one_proof(self) -> Self:
        ensure_exactly_one(self.totp, self.recovery_code, self.passkey)
        return self


class SecondStep(BaseModel, frozen=True):
    """Validated id of the second step of a sign-in."""

    challenge_id: ChallengeId


class Reauthentication(BaseModel, frozen=True):
    """Validated proof that the user of a session is present: exactly one of them."""

    password: Annotated[str, StringConstraints(max_length=4 * MAX_PASSWORD_LENGTH)] | None = None
    totp: FactorCode | None = None
    passkey: PasskeyProof | None = None
    provider: ProviderProof | None = None

    @model_validator(mode="after")
    def ensure_one_proof(self) -> Self:
        ensure_exactly_one(self.password, self.totp, self.passkey, self.provider)
        return self

    @property
    def method(self) -> SignInMethod:
        if self.passkey is not None:
            return SignInMethod.PASSKEY
        if self.provider is not None:
            return SignInMethod.PROVIDER
        return SignInMethod.TOTP if self.password is None else SignInMethod.PASSWORD


def ensure_exactly_one(*proofs: object) -> None:
    if sum(proof is not None for proof in proofs) != 1:
        raise InvalidValue("Give exactly one proof.")


class ChallengeEnded(Refusal):
    message = "This took too long, or there were too many tries. Start again."
    meaning = (
        "The challenge does not exist, has expired, was used, is for another purpose, five proofs"
        " were tried, or the password has changed."
    )
    remedy = "Start again: sign in with the password, or request another challenge."
