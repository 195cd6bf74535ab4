"""Permissions of the members of vendors, by role, and invitations to become one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from core.clock import now
from models.base import MAX_LOCALE_TAG_LENGTH, Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.registrations import EmailAddress
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, hashed, sealed
from models.vendors import MemberRole

INVITATION_DAYS = 7
MAX_OPEN_INVITATIONS = 50
EMAIL_COLUMN = "member_invitation.email"


class Permission(StrEnum):
    """Something that members may do at their vendor, if `GRANTS` has it for their role."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> "Permission":
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    SEE_VENDOR = "SEE_VENDOR", "See the vendor while it is not approved, and leave it."
    REDEEM = "REDEEM", "Redeem vouchers, look them up, and follow redemptions."
    CORRECT_REDEMPTIONS = (
        "CORRECT_REDEMPTIONS",
        "Reverse redemptions, and give vouchers new codes.",
    )
    REVIEW_FRAUD = "REVIEW_FRAUD", "See, take and decide fraud cases, and see their settings."
    EDIT_FRAUD_SETTINGS = "EDIT_FRAUD_SETTINGS", "Change the settings of the risk score."
    SEE_OFFERS = "SEE_OFFERS", "See offers that are not live."
    SEE_STATISTICS = "SEE_STATISTICS", "See redemptions per day and first response times."
    SEE_MEMBERS = "SEE_MEMBERS", "See the members."
    CHAT = "CHAT", "Read and answer conversations, block customers, and edit canned replies."
    ASSIGN_CHATS = "ASSIGN_CHATS", "Assign conversations to other members."
    EDIT_CHAT_HOURS = "EDIT_CHAT_HOURS", "Change the chat hours and the automatic reply."
    EDIT_OFFERS = "EDIT_OFFERS", "Create, change, publish and archive offers."
    SEE_PRODUCTS = "SEE_PRODUCTS", "See products that are not published, and retired variants."
    EDIT_PRODUCTS = "EDIT_PRODUCTS", "Create, change, publish, import and archive products."
    SEE_STOCK = "SEE_STOCK", "See stock and its movements, and follow them."
    EDIT_STOCK = "EDIT_STOCK", "Receive, count and write off stock, and get notices of low stock."
    SEE_PROMO_CODES = "SEE_PROMO_CODES", "See promo codes and their statistics."
    EDIT_PROMO_CODES = "EDIT_PROMO_CODES", "Create, change and end promo codes."
    SEE_EVENTS = "SEE_EVENTS", "See events that are not published, and the figures of all."
    EDIT_EVENTS = "EDIT_EVENTS", "Create, change, publish and cancel events, venues and charts."
    SEE_TICKETS = "SEE_TICKETS", "See tickets with their attendees, and waitlists."
    EDIT_TICKETS = "EDIT_TICKETS", "Sell tickets at the desk, and cancel, name and reseat them."
    CHECK_IN = "CHECK_IN", "Check tickets in, and follow the attendance."
    MANAGE_SCANNERS = "MANAGE_SCANNERS", "Register and revoke scanners, and change check-in lists."
    SEE_BOOKINGS = "SEE_BOOKINGS", "See bookings with their customers, and follow the agenda."
    EDIT_BOOKINGS = "EDIT_BOOKINGS", "Book at the desk; answer, move, cancel and close bookings."
    EDIT_SERVICES = "EDIT_SERVICES", "Change services, staff, rooms, schedules and closures."
    SEE_ORDERS = "SEE_ORDERS", "See the vendor's parts of orders, and get notices of new ones."
    EDIT_ORDERS = "EDIT_ORDERS", "Accept, cancel, ship and refund the vendor's parts of orders."
    EDIT_SHIPPING = "EDIT_SHIPPING", "Change the delivery zones and their rates."
    MANAGE_TAXES = "MANAGE_TAXES", "See and change the tax registrations."
    SEE_INVOICES = "SEE_INVOICES", "See, download and export the invoices."
    SEE_WALLET = "SEE_WALLET", "See the wallet and its entries, and follow it."
    SEE_PAYOUTS = "SEE_PAYOUTS", "See the balance, the payouts and the payout account."
    MANAGE_PAYOUTS = (
        "MANAGE_PAYOUTS",
        "Set the payout account and the schedule, and request payouts.",
    )
    MANAGE_PACKS = (
        "MANAGE_PACKS",
        "See and buy packs and subscribe to them, and top up the wallet.",
    )
    EDIT_VENDOR = "EDIT_VENDOR", "Change the profile and the pictures."
    MANAGE_MEMBERS = (
        "MANAGE_MEMBERS",
        "Invite and remove members, and change roles, up to the own role.",
    )
    SEE_COMMISSION = "SEE_COMMISSION", "See the commission of the platform."


_SCANNER = frozenset({Permission.SEE_VENDOR, Permission.REDEEM, Permission.CHECK_IN})
_STAFF = _SCANNER | {
    Permission.SEE_OFFERS,
    Permission.SEE_PRODUCTS,
    Permission.SEE_STOCK,
    Permission.EDIT_STOCK,
    Permission.SEE_PROMO_CODES,
    Permission.SEE_EVENTS,
    Permission.SEE_TICKETS,
    Permission.EDIT_TICKETS,
    Permission.SEE_BOOKINGS,
    Permission.EDIT_BOOKINGS,
    Permission.SEE_ORDERS,
    Permission.EDIT_ORDERS,
    Permission.SEE_STATISTICS,
    Permission.SEE_MEMBERS,
    Permission.CHAT,
}
_MANAGER = _STAFF | {
    Permission.REVIEW_FRAUD,
    Permission.ASSIGN_CHATS,
    Permission.EDIT_CHAT_HOURS,
    Permission.EDIT_OFFERS,
    Permission.CORRECT_REDEMPTIONS,
    Permission.EDIT_PRODUCTS,
    Permission.EDIT_PROMO_CODES,
    Permission.EDIT_EVENTS,
    Permission.EDIT_SERVICES,
    Permission.MANAGE_SCANNERS,
    Permission.EDIT_SHIPPING,
    Permission.MANAGE_TAXES,
    Permission.SEE_INVOICES,
    Permission.SEE_WALLET,
    Permission.SEE_PAYOUTS,
    Permission.MANAGE_PACKS,
    Permission.EDIT_VENDOR,
    Permission.MANAGE_MEMBERS,
}
_OWNER = _MANAGER | {
    Permission.SEE_COMMISSION,
    Permission.MANAGE_PAYOUTS,
    Permission.EDIT_FRAUD_SETTINGS,
}

# The only place that knows what a role may do. docs/permissions.md and tests are made from it.
GRANTS: Mapping[MemberRole, frozenset[Permission]] = {
    MemberRole.OWNER: _OWNER,
    MemberRole.MANAGER: _MANAGER,
    MemberRole.STAFF: _STAFF,
    MemberRole.SCANNER: _SCANNER,
}


def may(role: MemberRole, permission: Permission) -> bool:
    return permission in GRANTS[role]


def roles_with(permission: Permission) -> list[MemberRole]:
    return [role for role in MemberRole if may(role, permission)]


class InvitationState(StrEnum):
    """`PENDING → ACCEPTED / DECLINED / REVOKED`. A PENDING one also ends with its time."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"


def invitation_end() -> datetime:
    return now() + timedelta(days=INVITATION_DAYS)


class MemberInvitation(Row, table=True):
    """The right of an address's account to become a member of a vendor, once, within a week.

    A vendor has at most one that is pending for an address. The token is made when the mail is
    sent, and stored as SHA-256. `locale` is the language of the mail if there is no account.
    """

    __tablename__ = "member_invitation"
    __table_args__ = (
        *check_lookup("email_lookup"),
        CheckConstraint(f"char_length(locale) <= {MAX_LOCALE_TAG_LENGTH}", name="locale"),
        CheckConstraint("(state = 'PENDING') = (ended_at IS NULL)", name="ended_at"),
        Index(
            "member_invitation_pending_key",
            "vendor_id",
            "email_lookup",
            unique=True,
            postgresql_where=text("state = 'PENDING'"),
        ),
        Index(
            "member_invitation_next_pending_key",
            "vendor_id",
            "next_email_lookup",
            unique=True,
            postgresql_where=text("state = 'PENDING'"),
        ),
        Index("member_invitation_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(
        of="",
        address="email_lookup",
        personal="locale",
        secrets="email_lookup next_email_lookup token_hash",
    )

    vendor_id: UUID = foreign_key("vendor", index=False)
    email: bytes = sealed(lookup="email_lookup", kind=EMAIL_KIND)
    email_lookup: bytes = hashed()
    next_email_lookup: bytes | None = None
    role: MemberRole = enum_column(MemberRole)
    locale: str
    invited_by_id: UUID = foreign_key("user")
    state: InvitationState = enum_column(InvitationState, default=InvitationState.PENDING)
    token_hash: bytes | None = Field(default=None, unique=True)
    expires_at: datetime = timestamp(default_factory=invitation_end, index=True)
    ended_at: datetime | None = timestamp(default=None)

    @property
    def is_open(self) -> bool:
        return self.state is InvitationState.PENDING and self.expires_at > now()

    def renew(self, *, role: MemberRole, invited_by_id: UUID, locale: str) -> None:
        """Let it run for another week. Its former link ends."""
        self.role, self.invited_by_id, self.locale = role, invited_by_id, locale
        self.token_hash, self.expires_at = None, invitation_end()

    def end(self, state: InvitationState) -> None:
        self.state, self.ended_at = state, now()


class InvitationDraft(BaseModel, frozen=True):
    """Validated input of an invitation."""

    email: EmailAddress
    role: MemberRole


class AlreadyMember(Refusal):
    message = "This person is a member of the vendor already. Change their role instead."
    meaning = "The account of the address is a member of the vendor."
    remedy = "Refetch the vendor's `members`, and offer `changeMemberRole`."


class RoleAboveOwn(Refusal):
    message = "You can only give, change and remove roles up to your own."
    meaning = "The new role, or the role that the member has, is above the viewer's own."
    remedy = "Offer only roles up to the vendor's `viewerRole`."


class InvitationLimitReached(Refusal):
    message = "The vendor has {most} open invitations. Revoke one first."
    meaning = "The vendor has the maximum number of open invitations."
    remedy = "List the vendor's `invitations`, so that the user can revoke one."


class WrongRecipient(Refusal):
    message = (
        "This invitation was sent to another email address. Sign in with the account of that"
        " address."
    )
    meaning = "The email address of the viewer's account is not the invited one."
    remedy = "Let the user sign in with another account, then send the mutation again."
