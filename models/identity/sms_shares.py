"""The share of codes by phone that are entered, by country, and pauses of countries.

Fraudsters earn a part of what messages to their numbers cost, and enter none of the codes.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from models.base import Row, timestamp
from models.personal_data import of_others

COUNTRY_PATTERN = "^[A-Z]{2}$"
PERIOD_MINUTES = 10  # as long as a code is valid
SHARE_MINUTES = 60  # of which the share is computed
PAUSE_MINUTES = 60
MIN_MESSAGES = 50  # fewer are no sample


class SmsCount(SQLModel, table=True):
    """The codes that were sent to numbers of a country in a period, and those that were right."""

    __tablename__ = "sms_count"
    __table_args__ = (
        CheckConstraint(f"country ~ '{COUNTRY_PATTERN}'", name="country"),
        CheckConstraint("confirmed BETWEEN 0 AND sent", name="confirmed"),
    )
    __privacy__ = of_others(none="country sent confirmed")

    country: str = Field(primary_key=True, max_length=2)
    period: datetime = timestamp(primary_key=True, index=True)
    sent: int = 0
    confirmed: int = 0


class SmsPause(Row, table=True):
    """A time in which numbers of a country that have no account get no codes.

    `number` counts the pauses of all countries.
    """

    __tablename__ = "sms_pause"
    __table_args__ = (
        CheckConstraint(f"country ~ '{COUNTRY_PATTERN}'", name="country"),
        CheckConstraint("confirmed BETWEEN 0 AND sent", name="confirmed"),
        CheckConstraint("until > created_at", name="until"),
        CheckConstraint("number >= 1", name="number"),
        Index("sms_pause_country_idx", "country", "until"),
    )
    __privacy__ = of_others(none="country number sent confirmed")

    country: str = Field(max_length=2)
    number: int = Field(unique=True)
    sent: int
    confirmed: int
    until: datetime = timestamp()
