"""Audit entries: security-relevant acts, by whom, from where, and with what outcome."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, text
from sqlmodel import Field

from models.base import APPEND_ONLY, Row, enum_column, open_enum_column
from models.personal_data import retain_rows

MAX_NETWORK_LENGTH = 64
MAX_CODE_LENGTH = 40


class AuditAct(StrEnum):
    """A security-relevant act. Its `subject` is the GraphQL type that it was done to."""

    subject: str | None

    def __new__(cls, name: str, subject: str | None = None) -> "AuditAct":
        member = str.__new__(cls, name)
        member._value_ = name
        member.subject = subject
        return member

    CREATE_ACCOUNT = "CREATE_ACCOUNT", "User"
    LOG_IN = "LOG_IN", "User"
    LOG_OUT = "LOG_OUT", "User"
    REFRESH_SESSION = "REFRESH_SESSION", "User"
    REAUTHENTICATE = "REAUTHENTICATE", "User"
    REVOKE_SESSION = "REVOKE_SESSION", "User"
    RESET_PASSWORD = "RESET_PASSWORD", "User"
    CHANGE_PASSWORD = "CHANGE_PASSWORD", "User"
    UPDATE_PROFILE = "UPDATE_PROFILE", "User"
    CHANGE_EMAIL = "CHANGE_EMAIL", "User"
    CHANGE_PHONE = "CHANGE_PHONE", "User"
    UNDO_CHANGE = "UNDO_CHANGE", "User"
    ENABLE_TOTP = "ENABLE_TOTP", "User"
    DISABLE_TOTP = "DISABLE_TOTP", "User"
    REPLACE_RECOVERY_CODES = "REPLACE_RECOVERY_CODES", "User"
    ADD_PASSKEY = "ADD_PASSKEY", "User"
    REMOVE_PASSKEY = "REMOVE_PASSKEY", "User"
    LINK_PROVIDER = "LINK_PROVIDER", "User"
    UNLINK_PROVIDER = "UNLINK_PROVIDER", "User"
    EXPORT_DATA = "EXPORT_DATA", "User"
    DOWNLOAD_DATA = "DOWNLOAD_DATA", "User"
    DELETE_ACCOUNT = "DELETE_ACCOUNT", "User"
    CANCEL_DELETION = "CANCEL_DELETION", "User"
    ERASE_ACCOUNT = "ERASE_ACCOUNT", "User"
    INVITE_ADMIN = "INVITE_ADMIN", "User"
    CHANGE_ROLE = "CHANGE_ROLE", "User"
    READ_USERS = "READ_USERS", None
    SUSPEND_USER = "SUSPEND_USER", "User"
    RESTORE_USER = "RESTORE_USER", "User"
    GRANT_ADMIN = "GRANT_ADMIN", "User"
    REVOKE_ADMIN = "REVOKE_ADMIN", "User"
    IMPERSONATE_USER = "IMPERSONATE_USER", "User"
    END_IMPERSONATION = "END_IMPERSONATION", "User"
    ACT_AS_USER = "ACT_AS_USER", "User"
    SWITCH_ROLE = "SWITCH_ROLE", "User"
    USE_TOKEN = "USE_TOKEN", None
    CREATE_API_TOKEN = "CREATE_API_TOKEN", "ApiToken"
    REVOKE_API_TOKEN = "REVOKE_API_TOKEN", "ApiToken"
    REGISTER_SCANNER = "REGISTER_SCANNER", "Scanner"
    REVOKE_SCANNER = "REVOKE_SCANNER", "Scanner"
    VOID_SCAN = "VOID_SCAN", "Scan"
    SET_OFFLINE_LIMIT = "SET_OFFLINE_LIMIT", "Vendor"
    REVERSE_REDEMPTION = "REVERSE_REDEMPTION", "Redemption"
    REISSUE_VOUCHER = "REISSUE_VOUCHER", "Voucher"
    GIFT_VOUCHER = "GIFT_VOUCHER", "Voucher"
    TAKE_FRAUD_CASE = "TAKE_FRAUD_CASE", "FraudCase"
    DECIDE_FRAUD_CASE = "DECIDE_FRAUD_CASE", "FraudCase"
    UPDATE_FRAUD_SETTINGS = "UPDATE_FRAUD_SETTINGS", "Vendor"
    CREATE_CATEGORY = "CREATE_CATEGORY", "Category"
    UPDATE_CATEGORY = "UPDATE_CATEGORY", "Category"
    MOVE_CATEGORY = "MOVE_CATEGORY", "Category"
    HIDE_CATEGORY = "HIDE_CATEGORY", "Category"
    SHOW_CATEGORY = "SHOW_CATEGORY", "Category"
    CREATE_VENDOR = "CREATE_VENDOR", "Vendor"
    UPDATE_VENDOR = "UPDATE_VENDOR", "Vendor"
    APPLY_AS_VENDOR = "APPLY_AS_VENDOR", "VendorApplication"
    RESUBMIT_APPLICATION = "RESUBMIT_APPLICATION", "VendorApplication"
    WITHDRAW_APPLICATION = "WITHDRAW_APPLICATION", "VendorApplication"
    APPROVE_VENDOR = "APPROVE_VENDOR", "VendorApplication"
    REJECT_VENDOR = "REJECT_VENDOR", "VendorApplication"
    REQUEST_VENDOR_CHANGES = "REQUEST_VENDOR_CHANGES", "VendorApplication"
    SUSPEND_VENDOR = "SUSPEND_VENDOR", "Vendor"
    RESTORE_VENDOR = "RESTORE_VENDOR", "Vendor"
    SET_COMMISSION = "SET_COMMISSION", "Vendor"
    CREATE_PROMO_CODE = "CREATE_PROMO_CODE", "PromoCode"
    UPDATE_PROMO_CODE = "UPDATE_PROMO_CODE", "PromoCode"
    END_PROMO_CODE = "END_PROMO_CODE", "PromoCode"
    RECORD_PAYMENT = "RECORD_PAYMENT", "Order"
    CANCEL_TICKET = "CANCEL_TICKET", "Ticket"
    TRANSFER_TICKET = "TRANSFER_TICKET", "Ticket"
    LIST_TICKET = "LIST_TICKET", "Ticket"
    APPROVE_BOOKING = "APPROVE_BOOKING", "Booking"
    DECLINE_BOOKING = "DECLINE_BOOKING", "Booking"
    MOVE_BOOKING = "MOVE_BOOKING", "Booking"
    CANCEL_BOOKING = "CANCEL_BOOKING", "Booking"
    COMPLETE_BOOKING = "COMPLETE_BOOKING", "Booking"
    MARK_NO_SHOW = "MARK_NO_SHOW", "Booking"
    UNDO_NO_SHOW = "UNDO_NO_SHOW", "Booking"
    BOOK_AT_DESK = "BOOK_AT_DESK", "Booking"
    RECORD_VISIT_PAYMENT = "RECORD_VISIT_PAYMENT", "Booking"
    UNDO_VISIT_PAYMENT = "UNDO_VISIT_PAYMENT", "Booking"
    CREATE_DISPLAY = "CREATE_DISPLAY", "WaitingRoomDisplay"
    REVOKE_DISPLAY = "REVOKE_DISPLAY", "WaitingRoomDisplay"
    SHARE_PET = "SHARE_PET", "Pet"
    UNSHARE_PET = "UNSHARE_PET", "Pet"
    SETTLE_REFUND = "SETTLE_REFUND", "Refund"
    REVOKE_DOWNLOAD = "REVOKE_DOWNLOAD", "DownloadGrant"
    RESET_DOWNLOADS = "RESET_DOWNLOADS", "DownloadGrant"
    REPLAY_WEBHOOK = "REPLAY_WEBHOOK", "WebhookEvent"
    SETTLE_STUCK_REFUND = "SETTLE_STUCK_REFUND", "Refund"
    GRANT_REFUND = "GRANT_REFUND", "Refund"
    ANSWER_DISPUTE = "ANSWER_DISPUTE", "Dispute"
    ACCEPT_DISPUTE = "ACCEPT_DISPUTE", "Dispute"
    SET_SHIPPING_ZONES = "SET_SHIPPING_ZONES", "Vendor"
    SET_TAX_RATE = "SET_TAX_RATE", "TaxRate"
    END_TAX_RATE = "END_TAX_RATE", "TaxRate"
    SET_TAX_REGISTRATION = "SET_TAX_REGISTRATION", "Vendor"
    REMOVE_TAX_REGISTRATION = "REMOVE_TAX_REGISTRATION", "Vendor"
    ADJUST_LEDGER = "ADJUST_LEDGER", "LedgerAdjustment"
    APPROVE_ADJUSTMENT = "APPROVE_ADJUSTMENT", "LedgerAdjustment"
    REJECT_ADJUSTMENT = "REJECT_ADJUSTMENT", "LedgerAdjustment"
    WRITE_OFF_DEBT = "WRITE_OFF_DEBT", "LedgerAdjustment"
    RECORD_TAX_PAYMENT = "RECORD_TAX_PAYMENT", "LedgerAdjustment"
    SET_RESERVE = "SET_RESERVE", "Vendor"
    SET_PAYOUT_ACCOUNT = "SET_PAYOUT_ACCOUNT", "PayoutAccount"
    CLOSE_PAYOUT_ACCOUNT = "CLOSE_PAYOUT_ACCOUNT", "PayoutAccount"
    REQUEST_PAYOUT = "REQUEST_PAYOUT", "Payout"
    CANCEL_PAYOUT = "CANCEL_PAYOUT", "Payout"
    MARK_PAYOUT_PAID = "MARK_PAYOUT_PAID", "Payout"
    MARK_PAYOUT_RETURNED = "MARK_PAYOUT_RETURNED", "Payout"
    CONFIRM_PAYOUT_RETURN = "CONFIRM_PAYOUT_RETURN", "Payout"
    REJECT_PAYOUT_RETURN = "REJECT_PAYOUT_RETURN", "Payout"
    CREATE_PAYOUT_FILE = "CREATE_PAYOUT_FILE", "PayoutFile"
    APPROVE_PAYOUT_FILE = "APPROVE_PAYOUT_FILE", "PayoutFile"
    CANCEL_PAYOUT_FILE = "CANCEL_PAYOUT_FILE", "PayoutFile"
    DOWNLOAD_PAYOUT_FILE = "DOWNLOAD_PAYOUT_FILE", "PayoutFile"
    RESOLVE_DISCREPANCY = "RESOLVE_DISCREPANCY", "ProviderTransaction"
    REOPEN_DISCREPANCY = "REOPEN_DISCREPANCY", "ProviderTransaction"
    RECORD_PURCHASE_PAYMENT = "RECORD_PURCHASE_PAYMENT", "Purchase"
    REFUND_PURCHASE = "REFUND_PURCHASE", "Purchase"
    CREATE_PACK = "CREATE_PACK", "Pack"
    UPDATE_PACK = "UPDATE_PACK", "Pack"
    RETIRE_PACK = "RETIRE_PACK", "Pack"
    RESTORE_PACK = "RESTORE_PACK", "Pack"
    SET_PACK_RULE = "SET_PACK_RULE", "Vendor"
    SUBSCRIBE_TO_PACK = "SUBSCRIBE_TO_PACK", "PackSubscription"
    CHANGE_PACK_SUBSCRIPTION = "CHANGE_PACK_SUBSCRIPTION", "PackSubscription"
    CANCEL_PACK_SUBSCRIPTION = "CANCEL_PACK_SUBSCRIPTION", "PackSubscription"
    RESUME_PACK_SUBSCRIPTION = "RESUME_PACK_SUBSCRIPTION", "PackSubscription"
    CANCEL_EVENT = "CANCEL_EVENT", "Event"
    CANCEL_EVENT_DATE = "CANCEL_EVENT_DATE", "EventDate"
    SELL_AT_DESK = "SELL_AT_DESK", "EventDate"
    RESEAT_TICKET = "RESEAT_TICKET", "Ticket"
    EXPORT_ATTENDEES = "EXPORT_ATTENDEES", "EventDate"
    CREATE_CALENDAR_FEED = "CREATE_CALENDAR_FEED", "CalendarFeed"
    REVOKE_CALENDAR_FEED = "REVOKE_CALENDAR_FEED", "CalendarFeed"
    ADD_BUSY_FEED = "ADD_BUSY_FEED", "BusyFeed"
    REMOVE_BUSY_FEED = "REMOVE_BUSY_FEED", "BusyFeed"
    ADD_MEMBER = "ADD_MEMBER", "User"
    REMOVE_MEMBER = "REMOVE_MEMBER", "User"
    CHANGE_MEMBER_ROLE = "CHANGE_MEMBER_ROLE", "User"
    INVITE_MEMBER = "INVITE_MEMBER", "Vendor"
    REVOKE_INVITATION = "REVOKE_INVITATION", "Vendor"
    DECLINE_INVITATION = "DECLINE_INVITATION", "Vendor"
    READ_CONVERSATION = "READ_CONVERSATION", "Conversation"
    RESOLVE_REPORT = "RESOLVE_REPORT", "MessageReport"
    RETRY_DEAD_LETTER = "RETRY_DEAD_LETTER", "Delivery"
    DROP_DEAD_LETTER = "DROP_DEAD_LETTER", "Delivery"


class AuditOutcome(StrEnum):
    DONE = "DONE"
    REFUSED = "REFUSED"


class ActorKind(StrEnum):
    USER = "USER"
    API_TOKEN = "API_TOKEN"  # noqa: S105 - no secret
    ANONYMOUS = "ANONYMOUS"
    SYSTEM = "SYSTEM"


class AuditEntry(Row, table=True):
    """An act, or `times` equal refusals within a few seconds.

    It holds ids and codes only, no text of users. `impersonator_id` is the admin who used the
    account of the actor. It, `actor_id`, `session_id` and `subject_id` are no foreign keys, because
    an entry outlives its rows. Triggers refuse updates, and the deletion of entries younger than
    the retention time.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("times BETWEEN 1 AND 1000000000", name="times"),
        CheckConstraint(f"char_length(network) <= {MAX_NETWORK_LENGTH}", name="network"),
        CheckConstraint(f"char_length(code) <= {MAX_CODE_LENGTH}", name="code"),
        CheckConstraint("(outcome = 'DONE') = (code IS NULL)", name="outcome_code"),
        Index("audit_entry_created_at_id_idx", "created_at", "id"),
        Index("audit_entry_actor_id_created_at_id_idx", "actor_id", "created_at", "id"),
        Index("audit_entry_subject_id_created_at_id_idx", "subject_id", "created_at", "id"),
        Index(
            "audit_entry_impersonator_id_idx",
            "impersonator_id",
            "created_at",
            "id",
            postgresql_where=text("impersonator_id IS NOT NULL"),
        ),
        CheckConstraint("impersonator_id <> actor_id", name="impersonator_id"),
        APPEND_ONLY,
    )
    __privacy__ = retain_rows(
        of="",
        # The network of an act as the user is that of the admin.
        where="actor_id = :person AND impersonator_id IS NULL",
        id="actor_id impersonator_id session_id subject_id",
        personal="network",
        none="code request_id times",
    )

    act: AuditAct = open_enum_column(AuditAct)
    outcome: AuditOutcome = enum_column(AuditOutcome)
    code: str | None = None
    actor_kind: ActorKind = enum_column(ActorKind)
    actor_id: UUID | None = None
    impersonator_id: UUID | None = None
    session_id: UUID | None = None
    subject_id: UUID | None = None
    network: str
    request_id: str | None = None
    times: int = Field(default=1, sa_column=Column(BigInteger, nullable=False))
