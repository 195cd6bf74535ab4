"""Users' notifications and unread counts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Row, foreign_key, open_enum_column, timestamp
from models.personal_data import delete_rows


class NotificationKind(StrEnum):
    """Each is declared in `services/<domain>/notifications.py`."""

    VOUCHER_REDEEMED = "VOUCHER_REDEEMED"
    REDEMPTION_REVERSED = "REDEMPTION_REVERSED"
    VOUCHER_REISSUED = "VOUCHER_REISSUED"
    VOUCHER_GIFT_RECEIVED = "VOUCHER_GIFT_RECEIVED"
    VOUCHER_GIFT_ENDED = "VOUCHER_GIFT_ENDED"
    MESSAGE_RECEIVED = "MESSAGE_RECEIVED"
    API_TOKEN_CREATED = "API_TOKEN_CREATED"  # noqa: S105 - no secret
    APPLICATION_RECEIVED = "APPLICATION_RECEIVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPLICATION_CLOSED = "APPLICATION_CLOSED"
    VENDOR_APPROVED = "VENDOR_APPROVED"
    VENDOR_REJECTED = "VENDOR_REJECTED"
    VENDOR_SUSPENDED = "VENDOR_SUSPENDED"
    VENDOR_RESTORED = "VENDOR_RESTORED"
    COMMISSION_SET = "COMMISSION_SET"
    OFFER_PUBLISHED = "OFFER_PUBLISHED"
    OFFER_NOT_PUBLISHED = "OFFER_NOT_PUBLISHED"
    OFFERS_IMPORTED = "OFFERS_IMPORTED"
    SAVED_SEARCH_MATCHED = "SAVED_SEARCH_MATCHED"
    SAVED_SEARCHES_MATCHED_DAILY = "SAVED_SEARCHES_MATCHED_DAILY"
    MEMBER_ROLE_CHANGED = "MEMBER_ROLE_CHANGED"
    MEMBER_REMOVED = "MEMBER_REMOVED"
    INVITATION_ACCEPTED = "INVITATION_ACCEPTED"
    USER_SUSPENDED = "USER_SUSPENDED"
    USER_RESTORED = "USER_RESTORED"
    ADMIN_CHANGE_REQUESTED = "ADMIN_CHANGE_REQUESTED"
    SMS_PAUSED = "SMS_PAUSED"
    LOW_STOCK = "LOW_STOCK"
    BACK_IN_STOCK = "BACK_IN_STOCK"
    PRODUCTS_IMPORTED = "PRODUCTS_IMPORTED"
    ORDER_CONFIRMED = "ORDER_CONFIRMED"
    ORDER_EXPIRED = "ORDER_EXPIRED"
    ORDER_RECEIVED = "ORDER_RECEIVED"
    ORDER_ACCEPTED = "ORDER_ACCEPTED"
    ORDER_PART_CANCELLED = "ORDER_PART_CANCELLED"
    ORDER_SHIPPED = "ORDER_SHIPPED"
    ORDER_DELIVERED = "ORDER_DELIVERED"
    SHIPMENT_OUT_FOR_DELIVERY = "SHIPMENT_OUT_FOR_DELIVERY"
    SHIPMENT_RETURNED = "SHIPMENT_RETURNED"
    SHIPMENT_LOST = "SHIPMENT_LOST"
    ORDER_UNITS_CANCELLED = "ORDER_UNITS_CANCELLED"
    RETURN_REQUESTED = "RETURN_REQUESTED"
    RETURN_ANSWERED = "RETURN_ANSWERED"
    REFUND_GRANTED = "REFUND_GRANTED"
    REFUND_SETTLED = "REFUND_SETTLED"
    REFUND_STUCK = "REFUND_STUCK"
    REFUND_NEEDS_ADMIN = "REFUND_NEEDS_ADMIN"
    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_DUE = "DISPUTE_DUE"
    DISPUTE_NEEDS_ADMIN = "DISPUTE_NEEDS_ADMIN"
    DISPUTE_ENDED = "DISPUTE_ENDED"
    WALLET_ADJUSTED = "WALLET_ADJUSTED"
    RESERVE_SET = "RESERVE_SET"
    PAYOUT_ACCOUNT_CHANGED = "PAYOUT_ACCOUNT_CHANGED"
    PAYOUT_ACCOUNT_RESTRICTED = "PAYOUT_ACCOUNT_RESTRICTED"
    PAYOUT_PAID = "PAYOUT_PAID"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"
    VENDOR_IN_DEBT = "VENDOR_IN_DEBT"
    DEBT_WRITTEN_OFF = "DEBT_WRITTEN_OFF"
    PROMO_MONEY_ENDING = "PROMO_MONEY_ENDING"
    PURCHASE_PAID = "PURCHASE_PAID"
    PURCHASE_REFUNDED = "PURCHASE_REFUNDED"
    PACK_RENEWAL_COMING = "PACK_RENEWAL_COMING"
    PACK_PAYMENT_FAILED = "PACK_PAYMENT_FAILED"
    PACK_SUBSCRIPTION_ENDED = "PACK_SUBSCRIPTION_ENDED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    PAYMENT_RETURNED = "PAYMENT_RETURNED"
    DOWNLOADS_READY = "DOWNLOADS_READY"
    INVOICE_ISSUED = "INVOICE_ISSUED"
    TICKET_CANCELLED = "TICKET_CANCELLED"
    TICKET_TRANSFER_RECEIVED = "TICKET_TRANSFER_RECEIVED"
    TICKET_TRANSFER_ENDED = "TICKET_TRANSFER_ENDED"
    TICKET_RESOLD = "TICKET_RESOLD"
    TICKET_RESEATED = "TICKET_RESEATED"
    WAITLIST_HOLD = "WAITLIST_HOLD"
    WAITLIST_LAPSED = "WAITLIST_LAPSED"
    EVENT_DATE_CANCELLED = "EVENT_DATE_CANCELLED"
    EVENT_DATE_POSTPONED = "EVENT_DATE_POSTPONED"
    EVENT_DATE_MOVED = "EVENT_DATE_MOVED"
    BOOKING_REMINDER = "BOOKING_REMINDER"
    BOOKINGS_COLLIDE = "BOOKINGS_COLLIDE"
    BOOKING_MADE = "BOOKING_MADE"
    BOOKING_REQUESTED = "BOOKING_REQUESTED"
    BOOKING_APPROVED = "BOOKING_APPROVED"
    BOOKING_CONFIRMED = "BOOKING_CONFIRMED"
    BOOKING_DECLINED = "BOOKING_DECLINED"
    BOOKING_UNANSWERED = "BOOKING_UNANSWERED"
    BOOKING_MOVED = "BOOKING_MOVED"
    BOOKING_CANCELLED = "BOOKING_CANCELLED"
    BOOKING_NO_SHOW = "BOOKING_NO_SHOW"
    BOOKING_WAIT_HOLD = "BOOKING_WAIT_HOLD"
    BOOKING_WAIT_LAPSED = "BOOKING_WAIT_LAPSED"
    VACCINATION_DUE = "VACCINATION_DUE"
    VOUCHER_RELEASED = "VOUCHER_RELEASED"
    FRAUD_CASE_OPENED = "FRAUD_CASE_OPENED"


class Channel(StrEnum):
    """A channel for users who are offline."""

    PUSH = "PUSH"
    MAIL = "MAIL"


class Notification(Row, table=True):
    """A notification about a voucher, an offer, a vendor, an account, or a conversation up to a
    message.

    `up_to_sequence` is the number of that message, of the application's or the date's revision, of
    the vendor's or the user's suspension or commission, of the restriction of a payout account, of
    the pause of a country, or of the notification among those of its kind about the vendor, the
    offer, the variant, the invoice, the vaccination, the ticket or the saved search. `count` is the
    number of unread messages, without those that were deleted later, or of new offers. `locale` is
    the language of its texts, English by default.
    """

    __table_args__ = (
        UniqueConstraint("user_id", "kind", "subject_id", "up_to_sequence"),
        CheckConstraint("count >= 1", name="count"),
        Index("notification_user_id_idx", "user_id", "created_at", "id"),
        Index(
            "notification_unread_idx",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("notification_created_at_idx", "created_at"),
    )
    __privacy__ = delete_rows(id="subject_id", none="up_to_sequence count locale")

    user_id: UUID = foreign_key("user", index=False)
    kind: NotificationKind = open_enum_column(NotificationKind)
    subject_id: UUID
    up_to_sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    count: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    locale: str | None = Field(default=None, max_length=16)
    read_at: datetime | None = timestamp(default=None)


class NotificationInbox(SQLModel, table=True):
    """A user's unread count. Lock this row before changing it."""

    __tablename__ = "notification_inbox"
    __table_args__ = (CheckConstraint("unread >= 0", name="unread"),)
    __privacy__ = delete_rows(none="unread")

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    unread: int = 0
