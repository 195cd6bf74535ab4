"""Webhooks of payment providers: each is stored once, and only names the object to look at.

Bodies are not kept: they hold personal data, and the object is fetched anyway.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Row, enum_column, open_enum_column, timestamp
from models.payments.payments import PaymentProvider
from models.personal_data import of_others

MAX_EVENT_ID = 200
MAX_EVENT_KIND = 100
MAX_OBJECT_REFERENCE = 100


class WebhookState(StrEnum):
    """`RECEIVED → APPLIED / IGNORED / UNMATCHED`. UNMATCHED ones are about no row of ours."""

    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    IGNORED = "IGNORED"
    UNMATCHED = "UNMATCHED"


class WebhookEvent(Row, table=True):
    """A webhook of a provider. `about` is an `EventObject`, and `account` a vendor's."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("webhook_event_created_at_idx", "created_at", "id"),
        Index(
            "webhook_event_open_idx",
            "created_at",
            postgresql_where=text("state IN ('RECEIVED', 'UNMATCHED')"),
        ),
    )
    __privacy__ = of_others(none="event_id kind about object_reference account")

    provider: PaymentProvider = open_enum_column(PaymentProvider)
    event_id: str = Field(max_length=MAX_EVENT_ID)
    kind: str = Field(max_length=MAX_EVENT_KIND)
    about: str = Field(max_length=20)
    object_reference: str = Field(max_length=MAX_OBJECT_REFERENCE)
    account: str | None = Field(default=None, max_length=MAX_OBJECT_REFERENCE)
    state: WebhookState = enum_column(WebhookState, default=WebhookState.RECEIVED)
    sent_at: datetime = timestamp()
    applied_at: datetime | None = timestamp(default=None)
