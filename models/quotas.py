"""Daily quotas: how often a user can do what bothers others."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import foreign_key, open_enum_column
from models.errors import Refusal
from models.personal_data import delete_rows

NEW_ACCOUNT_HOURS = 24


class DailyAct(StrEnum):
    """An action that is counted per user and day."""

    START_CONVERSATION = "START_CONVERSATION"
    START_AS_VENDOR = "START_AS_VENDOR"
    UNANSWERED_MESSAGE = "UNANSWERED_MESSAGE"
    UNANSWERED_AS_VENDOR = "UNANSWERED_AS_VENDOR"
    REPORT = "REPORT"
    APPLY_AS_VENDOR = "APPLY_AS_VENDOR"
    MAIL = "MAIL"
    INVITATION = "INVITATION"
    EXPORT = "EXPORT"
    PRODUCT_IMPORT = "PRODUCT_IMPORT"
    CREATE_OFFER = "CREATE_OFFER"
    OFFER_IMPORT = "OFFER_IMPORT"
    IMPORT_OFFER = "IMPORT_OFFER"
    CREATE_PRODUCT = "CREATE_PRODUCT"
    CREATE_PROMO_CODE = "CREATE_PROMO_CODE"
    CREATE_EVENT = "CREATE_EVENT"
    REQUEST_RETURN = "REQUEST_RETURN"
    TRANSFER_TICKET = "TRANSFER_TICKET"
    TEXT_TICKETS = "TEXT_TICKETS"
    GIFT_VOUCHER = "GIFT_VOUCHER"


class Quota(NamedTuple):
    """How often a user can do something per day, and in an account's first 24 hours."""

    act: str
    per_day: int
    per_day_if_new: int


# A customer of the five former platforms starts 1 to 5 conversations a day. A member of a vendor
# answers all day, but writes first only about vouchers. New accounts have less, because an
# attacker has those.
QUOTAS = {
    DailyAct.START_CONVERSATION: Quota("conversations started as a customer", 50, 10),
    DailyAct.START_AS_VENDOR: Quota("conversations started as a member of a vendor", 200, 50),
    DailyAct.UNANSWERED_MESSAGE: Quota("messages to vendors that have never answered", 100, 20),
    DailyAct.UNANSWERED_AS_VENDOR: Quota(
        "messages to customers who have never written to the vendor", 200, 50
    ),
    DailyAct.REPORT: Quota("reports of messages", 50, 10),
    DailyAct.APPLY_AS_VENDOR: Quota("applications to become a vendor", 10, 5),
    DailyAct.MAIL: Quota("mails that a user's messages cause", 500, 40),
    DailyAct.INVITATION: Quota("invitations of members, sent again or not", 20, 10),
    DailyAct.EXPORT: Quota("exports of the account's data", 1, 1),
    DailyAct.PRODUCT_IMPORT: Quota("imports of products, dry runs or not", 100, 50),
    # Those that are archived or ended stay in the tables, and do not count towards other limits.
    DailyAct.CREATE_OFFER: Quota("offers created", 200, 50),
    DailyAct.OFFER_IMPORT: Quota("imports of offers, dry runs or not", 100, 50),
    DailyAct.IMPORT_OFFER: Quota("offers created by rows of files", 5_000, 2_000),
    DailyAct.CREATE_PRODUCT: Quota("products created, by rows of files too", 5_000, 2_000),
    DailyAct.CREATE_PROMO_CODE: Quota("promo codes created", 200, 50),
    DailyAct.CREATE_EVENT: Quota("events created, clones too", 200, 50),
    # Each notifies the vendor's members and is kept for good, also if it is withdrawn at once.
    DailyAct.REQUEST_RETURN: Quota("returns requested, withdrawn or not", 50, 20),
    # Each can send a mail to a stranger's address. The most tickets of a date are a hundred.
    DailyAct.TRANSFER_TICKET: Quota("tickets given to others, withdrawn or not", 100, 20),
    # Each can notify a user who did not ask for it.
    DailyAct.GIFT_VOUCHER: Quota("vouchers given to others, withdrawn or not", 50, 10),
    # Each is a text message to the buyer's own number, which costs money.
    DailyAct.TEXT_TICKETS: Quota("orders whose tickets are sent by text message", 20, 5),
}


class DailyUse(SQLModel, table=True):
    """How often a user has done something on a day in UTC."""

    __tablename__ = "daily_use"
    __table_args__ = (CheckConstraint("used >= 1", name="used"),)
    __privacy__ = delete_rows(none="day used")

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    act: DailyAct = open_enum_column(DailyAct, primary_key=True)
    day: date = Field(primary_key=True, index=True)
    used: int = 1


class DailyLimitReached(Refusal):
    """The user has reached a quota. `reset_at` is the start of the next day."""

    message = "You can do this at most {most} times a day. Try again after midnight UTC."
    meaning = "The user has reached the daily quota of this action."
    remedy = "Show `message`. Do not retry before `resetAt`."

    def __init__(self, most: int) -> None:
        self.reset_at = next_day()
        super().__init__(most=most)


def next_day() -> datetime:
    """Return the start of the next day in UTC."""
    return datetime.combine(now().astimezone(UTC).date() + timedelta(days=1), time(), UTC)
