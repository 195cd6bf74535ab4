"""Validated input of events and ticket types."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AliasPath, AwareDatetime, BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel

from models.base import MAX_LOCALES, LocaleTag
from models.catalog.products import TaxClass
from models.errors import NULL_REFUSED, InvalidInput, InvalidValue
from models.events.events import (
    MAX_PER_USER,
    MAX_POLICY_HOURS,
    EventText,
    EventTitle,
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from models.events.ticket_types import (
    MAX_ADMITS,
    MAX_CATEGORIES_OF_TYPE,
    MAX_CODES_OF_TYPE,
    MAX_PER_HOLD,
    MAX_QUOTA,
    MAX_TICKET_PRICE,
    MAX_TIERS,
    QuotaName,
    TicketTypeKind,
    TicketTypeName,
    TicketTypeText,
)
from models.pricing.amounts import BPS
from models.slugs import Slug

EventTitles = Annotated[dict[LocaleTag, EventTitle], Range(min_length=1, max_length=MAX_LOCALES)]
EventTexts = Annotated[dict[LocaleTag, EventText], Range(max_length=MAX_LOCALES)]
TypeNames = Annotated[dict[LocaleTag, TicketTypeName], Range(min_length=1, max_length=MAX_LOCALES)]
TypeTexts = Annotated[dict[LocaleTag, TicketTypeText], Range(max_length=MAX_LOCALES)]
Price = Annotated[int, Range(ge=0, le=MAX_TICKET_PRICE)]
PolicyHours = Annotated[int, Range(ge=0, le=MAX_POLICY_HOURS)]
HsnCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]


class EventDraft(BaseModel, frozen=True):
    """All that a vendor sets of an event, but for its category and its slug."""

    title: EventTitles
    description: EventTexts = {}
    visibility: EventVisibility = EventVisibility.PUBLIC
    max_per_user: Annotated[int, Range(ge=1, le=MAX_PER_USER)] = 10
    transfer: TransferPolicy = TransferPolicy.FREE
    transfer_hours: PolicyHours | None = None
    resale: ResalePolicy = ResalePolicy.NONE
    refund_hours: PolicyHours | None = None
    refund_bps: Annotated[int, Range(ge=0, le=BPS)] = BPS
    answer_until_hours: PolicyHours = 0
    orphan_rule: OrphanRule = OrphanRule.LENIENT
    waitlist: WaitlistRule = WaitlistRule.FIRST_FIT

    @model_validator(mode="after")
    def ensure_transfer_hours(self) -> Self:
        if (self.transfer is TransferPolicy.UNTIL) != (self.transfer_hours is not None):
            raise InvalidInput(
                "Choose the hours if transfers end before the start, and no hours if they do not.",
                field=["transferHours"],
            )
        return self


class EventPatch(BaseModel, frozen=True):
    """Values of an event that a request sets. Others are unset; null resets to the default."""

    title: EventTitles | None = None
    description: EventTexts | None = None
    visibility: EventVisibility | None = None
    max_per_user: Annotated[int, Range(ge=1, le=MAX_PER_USER)] | None = None
    transfer: TransferPolicy | None = None
    transfer_hours: PolicyHours | None = None
    resale: ResalePolicy | None = None
    refund_hours: PolicyHours | None = None
    refund_bps: Annotated[int, Range(ge=0, le=BPS)] | None = None
    answer_until_hours: PolicyHours | None = None
    orphan_rule: OrphanRule | None = None
    waitlist: WaitlistRule | None = None
    category_id: UUID | None = None
    slug: Slug | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("title", "slug"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def values(self) -> dict[str, Any]:
        """Return the values to set, and the defaults of those to reset."""
        given = self.model_dump(exclude_unset=True, exclude={"category_id", "slug"})
        return {
            name: EventDraft.model_fields[name].get_default() if value is None else value
            for name, value in given.items()
        }


def money_amount(name: str, **options: Any) -> Any:
    """Return the amount of a `MoneyInput` of the input, whose errors have its path."""
    return Range(validation_alias=AliasPath(name, "amount_minor"), **options)


class TierDraft(BaseModel, frozen=True, populate_by_name=True):
    """Validated input of a price tier, which ends at a time, or with a quota."""

    name: TicketTypeName
    price: Price = money_amount("price")
    currency: str | None = Range(default=None, validation_alias=AliasPath("price", "currency"))
    until: AwareDatetime | None = None
    quota_id: UUID | None = None

    @model_validator(mode="after")
    def ensure_end(self) -> Self:
        if self.until is None and self.quota_id is None:
            raise InvalidValue("A price tier ends at a time or with a quota. Choose one.")
        return self


class TicketTypeValues(BaseModel, frozen=True):
    """The columns of a ticket type that a vendor sets."""

    kind: TicketTypeKind = TicketTypeKind.ADMISSION
    name: TypeNames
    description: TypeTexts = {}
    price: Price
    admits: Annotated[int, Range(ge=1, le=MAX_ADMITS)] = 1
    min_per_order: Annotated[int, Range(ge=1, le=MAX_PER_HOLD)] = 1
    max_per_order: Annotated[int, Range(ge=1, le=MAX_PER_HOLD)] = 10
    needs_code: bool = False
    companion_of_id: UUID | None = None
    category_ids: Annotated[list[UUID], Range(max_length=MAX_CATEGORIES_OF_TYPE)] = []
    sale_starts_at: AwareDatetime | None = None
    sale_ends_at: AwareDatetime | None = None
    tax_class: TaxClass = TaxClass.STANDARD
    hsn_code: HsnCode | None = None

    @model_validator(mode="after")
    def ensure_consistent(self) -> Self:
        if self.min_per_order > self.max_per_order:
            raise InvalidInput(
                "The most of an order must be at least the least.", field=["maxPerOrder"]
            )
        starts, ends = self.sale_starts_at, self.sale_ends_at
        if starts is not None and ends is not None and ends <= starts:
            raise InvalidInput("A sale must end after it starts.", field=["saleEndsAt"])
        if self.companion_of_id is not None and self.kind is not TicketTypeKind.ADMISSION:
            raise InvalidInput("Only a ticket accompanies another one.", field=["companionOfId"])
        single = self.admits == 1 and self.kind is TicketTypeKind.ADMISSION
        if self.category_ids and not single:
            raise InvalidInput("A ticket with a seat admits one person.", field=["categoryIds"])
        return self


class TicketTypeDraft(TicketTypeValues, frozen=True, populate_by_name=True):
    """Validated input of a new ticket type with its price tiers, in their order."""

    price: Price = money_amount("price")
    currency: str | None = Range(default=None, validation_alias=AliasPath("price", "currency"))
    tiers: Annotated[list[TierDraft], Range(max_length=MAX_TIERS)] = []

    def columns(self) -> dict[str, Any]:
        return self.model_dump(include=set(TicketTypeValues.model_fields))


class TicketTypePatch(BaseModel, frozen=True, populate_by_name=True):
    """Values of a ticket type that a request sets. Others are unset; null resets to the default."""

    name: TypeNames | None = None
    description: TypeTexts | None = None
    price: Price | None = money_amount("price", default=None)
    currency: str | None = Range(default=None, validation_alias=AliasPath("price", "currency"))
    admits: Annotated[int, Range(ge=1, le=MAX_ADMITS)] | None = None
    min_per_order: Annotated[int, Range(ge=1, le=MAX_PER_HOLD)] | None = None
    max_per_order: Annotated[int, Range(ge=1, le=MAX_PER_HOLD)] | None = None
    needs_code: bool | None = None
    companion_of_id: UUID | None = None
    category_ids: Annotated[list[UUID], Range(max_length=MAX_CATEGORIES_OF_TYPE)] | None = None
    sale_starts_at: AwareDatetime | None = None
    sale_ends_at: AwareDatetime | None = None
    tax_class: TaxClass | None = None
    hsn_code: HsnCode | None = None
    tiers: Annotated[list[TierDraft], Range(max_length=MAX_TIERS)] | None = None
    reset: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("name", "price"):
            if name in self.reset:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def values(self) -> Mapping[str, Any]:
        """Return the values to set, and the defaults of those to reset."""
        names = set(TicketTypeValues.model_fields)
        cleared = {
            name: TicketTypeValues.model_fields[name].get_default() for name in self.reset & names
        }
        return cleared | self.model_dump(exclude_unset=True, include=names)


class TypeCodesDraft(BaseModel, frozen=True):
    """Validated input of the codes of a ticket type."""

    promo_code_ids: Annotated[list[UUID], Range(max_length=MAX_CODES_OF_TYPE)]


class QuotaDraft(BaseModel, frozen=True):
    """Validated input of a quota of a date, with the ticket types that are sold out of it."""

    name: QuotaName
    capacity: Annotated[int, Range(ge=0, le=MAX_QUOTA)]
    ticket_type_ids: Annotated[list[UUID], Range(max_length=100)] = []


class QuotaPatch(BaseModel, frozen=True):
    """Values of a quota that a request sets. Others are unset."""

    name: QuotaName | None = None
    capacity: Annotated[int, Range(ge=0, le=MAX_QUOTA)] | None = None
    ticket_type_ids: Annotated[list[UUID], Range(max_length=100)] | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[to_camel(name)])
        return self
