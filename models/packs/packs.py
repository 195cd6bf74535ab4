"""Packs: quota for a number of days, at a price in each currency."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import (
    MAX_LOCALES,
    LocaleTag,
    Row,
    enum_column,
    foreign_key,
    json,
    open_enum_column,
)
from models.errors import Refusal
from models.personal_data import of_others
from models.pricing.amounts import BPS, share
from models.text import OneLine

MAX_PACKS = 100  # that are ACTIVE
MAX_QUOTA = 1_000_000
# A renewal that fails is retried for a week, which ends before the next one.
MIN_PERIOD_DAYS, MAX_PERIOD_DAYS = 14, 366
MAX_PRICE = 10**12
MAX_PRICES = 20  # of one pack
MAX_TITLE_LENGTH = 80

PackTitle = Annotated[str, OneLine(MAX_TITLE_LENGTH, web_addresses=False)]
PackTitles = Annotated[dict[LocaleTag, PackTitle], Range(min_length=1, max_length=MAX_LOCALES)]


class QuotaUnit(StrEnum):
    """The use of a pack: publishing offers, or sending messages of campaigns."""

    OFFER = "OFFER"
    MESSAGE = "MESSAGE"


class PackState(StrEnum):
    """`ACTIVE → RETIRED`. Subscriptions to a RETIRED one go on."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class Pack(Row, table=True):
    """So many units for so many days. They never change, so that purchases can refer to it."""

    __table_args__ = (
        CheckConstraint(f"quota BETWEEN 1 AND {MAX_QUOTA}", name="quota"),
        CheckConstraint(
            f"period_days BETWEEN {MIN_PERIOD_DAYS} AND {MAX_PERIOD_DAYS}", name="period_days"
        ),
        CheckConstraint("jsonb_typeof(title) = 'object'", name="title"),
        Index("pack_state_idx", "state", "created_at", "id"),
    )
    __privacy__ = of_others(none="title quota period_days")

    title: dict[str, PackTitle] = json()
    unit: QuotaUnit = open_enum_column(QuotaUnit)
    quota: int
    period_days: int
    state: PackState = enum_column(PackState, default=PackState.ACTIVE)

    def ensure_active(self) -> None:
        if self.state is PackState.RETIRED:
            raise PackRetired


class PackPrice(Row, table=True):
    """The price of a pack in a currency, in minor units without the tax of the platform."""

    __tablename__ = "pack_price"
    __table_args__ = (
        UniqueConstraint("pack_id", "currency"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint(f"net BETWEEN 1 AND {MAX_PRICE}", name="net"),
        CheckConstraint(f"tax_bps BETWEEN 0 AND {BPS}", name="tax_bps"),
    )
    __privacy__ = of_others(none="currency net tax_bps")

    pack_id: UUID = foreign_key("pack", index=False)
    currency: str = Field(max_length=3)
    net: int = Field(sa_type=BigInteger)
    tax_bps: int = 0

    @property
    def tax(self) -> int:
        return share(self.net, self.tax_bps)

    @property
    def total(self) -> int:
        return self.net + self.tax


class PriceDraft(BaseModel, frozen=True):
    """Validated input of a price."""

    currency: str
    net: Annotated[int, Range(ge=1, le=MAX_PRICE)]
    tax_bps: Annotated[int, Range(ge=0, le=BPS)] = 0


Prices = Annotated[list[PriceDraft], Range(min_length=1, max_length=MAX_PRICES)]


class PackDraft(BaseModel, frozen=True):
    """Validated input of a new pack."""

    title: PackTitles
    unit: QuotaUnit
    quota: Annotated[int, Range(ge=1, le=MAX_QUOTA)]
    period_days: Annotated[int, Range(ge=MIN_PERIOD_DAYS, le=MAX_PERIOD_DAYS)]
    prices: Prices


class PackPatch(BaseModel, frozen=True):
    """Validated changes of a pack. None changes nothing."""

    title: PackTitles | None = None
    prices: Prices | None = None


class PackRetired(Refusal):
    message = "This pack is no longer sold. Choose another one."
    meaning = "The pack was retired."
    remedy = "Refetch `packs`, and let the user choose another one."


class PackLimitReached(Refusal):
    message = "There can be at most {most} packs. Retire one first."
    meaning = "The platform has the maximum number of ACTIVE packs."
    remedy = "List `packs`, so that the admin can retire one."


class PackNotInCurrency(Refusal):
    message = "This pack has no price in {currency}. Choose another one."
    meaning = "The pack is not sold in the vendor's currency."
    remedy = "Offer only packs with a price in the vendor's currency."
