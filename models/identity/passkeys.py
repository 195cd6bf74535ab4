"""Passkeys: key pairs of devices, of which the server knows the public keys (WebAuthn)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import BigInteger, CheckConstraint, Column
from sqlmodel import Field

from models.base import Row, foreign_key, timestamp
from models.errors import Refusal
from models.identity.challenges import ChallengeId, ChallengePurpose, CredentialJson
from models.personal_data import delete_rows
from models.text import Name, one_line_constraint

MAX_PASSKEYS = 10
MAX_CREDENTIAL_ID_BYTES = 1023  # Web Authentication Level 3, 4


class PasskeyPurpose(StrEnum):
    """The purpose of a passkey's answer. The names are those of `ChallengePurpose`."""

    REGISTER_PASSKEY = ChallengePurpose.REGISTER_PASSKEY.value
    LOG_IN = ChallengePurpose.LOG_IN.value
    STEP_UP = ChallengePurpose.STEP_UP.value

    @property
    def of_challenge(self) -> ChallengePurpose:
        return ChallengePurpose(self.value)


class Passkey(Row, table=True):
    """A user's passkey. It is a way to sign in, and a second factor.

    `sign_count` is the authenticator's counter of uses: 0 for keys that devices synchronize, and
    rising for all others.
    """

    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name"),
        one_line_constraint("name"),
        CheckConstraint("sign_count >= 0", name="sign_count"),
        CheckConstraint(
            f"octet_length(credential_id) BETWEEN 1 AND {MAX_CREDENTIAL_ID_BYTES}",
            name="credential_id",
        ),
    )
    __privacy__ = delete_rows(
        personal="name", secrets="credential_id public_key", none="sign_count rp_id aaguid"
    )

    user_id: UUID = foreign_key("user")
    name: Name
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    rp_id: str
    aaguid: UUID
    backed_up: bool
    last_used_at: datetime | None = timestamp(default=None)


class NewPasskey(BaseModel, frozen=True):
    """Validated input of a new passkey."""

    challenge_id: ChallengeId
    credential: CredentialJson
    name: Name


class PasskeyName(BaseModel, frozen=True):
    """Validated new name of a passkey."""

    name: Name


class PasskeyRefused(Refusal):
    message = "This passkey was not accepted. Use another way to sign in."
    meaning = (
        "The passkey is unknown, belongs to another account, did not verify the user, was used on"
        " another site, or is a copy: its counter fell."
    )
    remedy = "Let the user try again with another challenge, or in another way."


class PasskeyTaken(Refusal):
    message = "This passkey has already been added."
    meaning = "The passkey is registered already."
    remedy = "Refetch the viewer's passkeys."
    constraint = "passkey_credential_id_key"


class PasskeyLimitReached(Refusal):
    message = "You can have at most {most} passkeys. Remove one first."
    meaning = "The user has the maximum number of passkeys."
    remedy = "List the passkeys, so that the user can remove one."
