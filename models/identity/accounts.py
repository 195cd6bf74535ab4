"""Users, sessions and refresh tokens."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from core.web.user_agents import MAX_DEVICE_LENGTH
from models.base import UNREAD, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.browser import ACTING_HOURS
from models.personal_data import blank_values, delete_rows
from models.sealed_columns import check_lookup, sealed
from models.search import similarity_index, terms_index
from models.text import Name, one_line_constraint

STEP_UP_MINUTES = 10  # how long a proof that was just given permits sensitive acts
RECOVERY_HOURS = 24  # to set up a second factor after a recovery code was used
RECENT_HOURS = 48  # how long a change of what proves the user is not trusted yet
EMAIL_COLUMN = "user.email"
SESSION_END = {"server_default": text("now() + interval '90 days'")}


class Role(StrEnum):
    """The role on the platform. Members of a vendor also have a `MemberRole`."""

    USER = "USER"
    ADMIN = "ADMIN"


class UserState(StrEnum):
    """A suspended user cannot sign in, and has no rights at vendors."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class User(Row, table=True):
    """A person with an account. `email` is the verified address, sealed.

    An account that a code by phone created has no address until the user adds one, and a name that
    stands for one until the user gives theirs: `needs_name`.
    An account without a password is signed in to with a passkey or an account at a provider, or
    gets one by a reset.
    `locale` is the language of what is sent to the user. Without `personal_offers`, offers are not
    ranked by the user's history. A new password raises `epoch`: what was
    started before it, such as a log-in with the old one, no longer succeeds.

    `factor_since` is when the account got its first second factor. It stays while one is replaced
    by another, and is null without a factor. `credentials_changed_at` is when the password, the
    address or the phone number last changed.
    """

    __table_args__ = (
        one_line_constraint("name"),
        CheckConstraint("epoch >= 0", name="epoch"),
        CheckConstraint("password_hash IS NULL OR email IS NOT NULL", name="password_hash"),
        CheckConstraint("(email IS NULL) = (email_lookup IS NULL)", name="email"),
        *check_lookup("email_lookup"),
        Index("user_created_at_idx", "created_at", "id"),
        Index("user_admin_idx", "created_at", "id", postgresql_where=text("role = 'ADMIN'")),
        Index(
            "user_suspended_idx", "created_at", "id", postgresql_where=text("state = 'SUSPENDED'")
        ),
        terms_index("user"),
        similarity_index("user"),
    )
    __privacy__ = blank_values(
        of="id",
        personal="name locale time_zone search_text",
        secrets="email_lookup next_email_lookup password_hash",
        none="epoch",
        blank={
            "name": "'Deleted user'",
            "search_text": "''",
            "locale": "'en'",
            "role": "'USER'",
            "is_erased": "true",
        },
    )

    email: bytes | None = sealed(lookup="email_lookup", kind=EMAIL_KIND, optional=True)
    email_lookup: bytes | None = Field(default=None, unique=True)
    next_email_lookup: bytes | None = Field(default=None, unique=True)
    name: Name
    needs_name: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    password_hash: str | None
    role: Role = enum_column(Role, default=Role.USER)
    state: UserState = enum_column(
        UserState, default=UserState.ACTIVE, sa_column_kwargs={"server_default": "ACTIVE"}
    )
    locale: str = Field(default="en", max_length=16, sa_column_kwargs={"server_default": "en"})
    time_zone: str | None = Field(default=None, max_length=64)
    epoch: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    factor_since: datetime | None = timestamp(default=None)
    credentials_changed_at: datetime | None = timestamp(default=None)
    search_text: str = Field(default="", sa_column_kwargs={"info": UNREAD, "server_default": ""})
    personal_offers: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    is_erased: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})

    @property
    def is_active_admin(self) -> bool:
        return self.role is Role.ADMIN and self.state is UserState.ACTIVE


def _default_end() -> datetime:
    return now() + timedelta(days=90)


class UserSession(Row, table=True):
    """A signed-in device: a family of refresh tokens, revoked as a whole.

    `signed_in_at` is when the user last signed in or gave the password, and `factor_at` when they
    last used a second factor or a passkey. `recovered_at` is set if they signed in with a recovery
    code, which is neither. The session expires at `idle_until`
    unless it is refreshed, and at `ends_at` in any case. `rotations` counts the refreshes that
    returned another refresh token; `confirmed` is the newest of them whose tokens were used, so
    its answer has arrived. Of the newest rotation, `successor_salt` derives the new refresh token
    from the old one, and `rotated_by` and `rotated_from` are SHA-256 of the client and its network.
    `last_used_at`, the device and the place are those of the sign-in or the last rotation.
    `impersonator_id` is the admin who uses the account in it: for at most 30 minutes, and without
    a refresh token.

    A browser session has no refresh tokens, but a cookie, of which `cookie_hash` is the SHA-256.
    Until `acting_until`, its user acts for `acting_vendor_id` or, with `acting_admin`, as an admin;
    otherwise as a customer.
    """

    __tablename__ = "user_session"
    __table_args__ = (
        CheckConstraint("idle_until <= ends_at", name="idle_until"),
        CheckConstraint("confirmed BETWEEN 0 AND rotations", name="confirmed"),
        CheckConstraint("octet_length(successor_salt) = 32", name="successor_salt"),
        CheckConstraint(f"char_length(device_name) <= {MAX_DEVICE_LENGTH}", name="device_name"),
        CheckConstraint("char_length(place) <= 64", name="place"),
        CheckConstraint("impersonator_id <> user_id", name="impersonator"),
        CheckConstraint(
            "impersonator_id IS NULL OR (ends_at <= created_at + '30 min' AND rotations = 0)",
            name="impersonation",
        ),
        CheckConstraint("octet_length(cookie_hash) = 32", name="cookie_hash"),
        CheckConstraint(
            "(acting_until IS NULL) = (acting_vendor_id IS NULL AND NOT acting_admin)"
            " AND NOT (acting_admin AND acting_vendor_id IS NOT NULL)"
            " AND (acting_until IS NULL OR cookie_hash IS NOT NULL)",
            name="acting",
        ),
    )
    __privacy__ = delete_rows(
        personal="device_name place",
        secrets="successor_salt rotated_by rotated_from cookie_hash",
        none="rotations confirmed",
    )

    user_id: UUID = foreign_key("user")
    signed_in_at: datetime = timestamp(
        default_factory=now, sa_column_kwargs={"server_default": text("now()")}
    )
    factor_at: datetime | None = timestamp(default=None)
    recovered_at: datetime | None = timestamp(default=None)
    idle_until: datetime = timestamp(default_factory=_default_end, sa_column_kwargs=SESSION_END)
    ends_at: datetime = timestamp(default_factory=_default_end, sa_column_kwargs=SESSION_END)
    ended_at: datetime | None = timestamp(default=None)
    rotations: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    confirmed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    successor_salt: bytes | None = None
    rotated_by: bytes | None = None
    rotated_from: bytes | None = None
    last_used_at: datetime = timestamp(
        default_factory=now, sa_column_kwargs={"server_default": text("now()")}
    )
    device_name: str | None = None
    place: str | None = None
    impersonator_id: UUID | None = optional_foreign_key("user")
    cookie_hash: bytes | None = Field(default=None, unique=True)
    acting_vendor_id: UUID | None = optional_foreign_key("vendor", index=False)
    acting_admin: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    acting_until: datetime | None = timestamp(default=None)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.ends_at > now()

    def fresh_until(self, *, by_factor: bool) -> datetime | None:
        """Return the time until which sensitive acts need no other proof.

        For a user with a second factor, a password is no proof: None if the factor was not used.
        """
        proven = [self.factor_at] if by_factor else [self.signed_in_at, self.factor_at]
        ends = [at + timedelta(minutes=STEP_UP_MINUTES) for at in proven if at is not None]
        return max(ends, default=None)

    def is_fresh(self, *, by_factor: bool) -> bool:
        until = self.fresh_until(by_factor=by_factor)
        return until is not None and now() < until

    @property
    def used_factor_again(self) -> bool:
        """Whether the second factor was used after the sign-in. That sets both times to one."""
        return self.factor_at is not None and self.factor_at > self.signed_in_at

    @property
    def may_enrol(self) -> bool:
        """Whether the user signed in with a recovery code, to set up a second factor again."""
        started = self.recovered_at
        return started is not None and now() < started + timedelta(hours=RECOVERY_HOURS)

    def take_role(self, vendor_id: UUID | None, *, admin: bool = False) -> None:
        """Act for a vendor or as an admin for two hours, with neither as a customer."""
        self.acting_vendor_id, self.acting_admin = vendor_id, admin
        acts = admin or vendor_id is not None
        self.acting_until = now() + timedelta(hours=ACTING_HOURS) if acts else None

    def ensure_open(self) -> None:
        if not self.is_open:
            raise SessionEnded


class RefreshToken(Row, table=True):
    """A session's refresh token, used when it was exchanged. Only its SHA-256 is stored.

    `shared_at` is when it was first presented again, late or from another network.
    """

    __tablename__ = "refresh_token"
    __privacy__ = delete_rows(of="session_id", secrets="token_hash")

    session_id: UUID = foreign_key("user_session")
    token_hash: bytes = Field(unique=True)
    expires_at: datetime = timestamp()
    used_at: datetime | None = timestamp(default=None)
    shared_at: datetime | None = timestamp(default=None)


class EmailTaken(Refusal):
    message = "An account with this email address already exists. Sign in instead."
    meaning = "An account with this email address was created after the registration."
    remedy = "Offer to sign in instead."
    constraint = ("user_email_lookup_key", "user_next_email_lookup_key")


class EmailNeeded(Refusal):
    message = "This needs an email address. Add one to your account first."
    meaning = "The account was created by a code by phone, and has no email address."
    remedy = "Ask for an address, and call `changeEmail` and `verifyEmail`."


class WrongCredentials(Refusal):
    message = "Incorrect email address or password. Try again."
    meaning = "The email address or the password is wrong. Which one is not disclosed."
    remedy = "Let the user try again. Repeated failures are rate limited."


class UserSuspended(Refusal):
    message = (
        "Your account is suspended. The mail about it has the reason. Answer it if this is a"
        " mistake."
    )
    message_of_phone: ClassVar[str] = "Your account is suspended for this reason: {reason}"
    meaning = (
        "An admin has suspended the account, so its user cannot sign in. `message` has the reason"
        " if the account has no email address to which it was sent."
    )
    remedy = "Show `message`. Signing in is possible again once the suspension has ended."


class AccountRecentlyChanged(Refusal):
    message = (
        "For {hours} hours after a change of the password, the email address or the phone number,"
        " this is not possible."
    )
    meaning = (
        "The password, the email address or the phone number of the account was changed less than"
        " 48 hours ago, perhaps by a thief. The owner was informed and can undo that first."
    )
    remedy = "Show `message`. It is possible again 48 hours after the change."


class SessionEnded(Refusal):
    message = "This session has ended. Sign in again."
    meaning = (
        "The session was ended, or its refresh token is unknown, expired or was replaced by one"
        " that is in use."
    )
    remedy = "Discard both tokens and ask the user to sign in."
