"""Inputs of ticket types with their price tiers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, ids_field
from engine.types import column
from models.events.drafts import TicketTypeDraft, TicketTypePatch, TypeCodesDraft
from models.events.ticket_types import (
    MAX_ADMITS,
    MAX_CATEGORIES_OF_TYPE,
    MAX_CODES_OF_TYPE,
    MAX_PER_HOLD,
    MAX_TIERS,
)
from models.validation import parse
from schema.catalog.enums import TaxClass
from schema.events.enums import TicketTypeKind
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.money import MoneyInput
from schema.texts import TextLists, Texts, by_locale, parse_texts

TicketTypeId = Annotated[UUID, id_of("TicketType", "The ticket type's id.")]
TIERS = f"The price tiers in their order, at most {MAX_TIERS}. The first one that is open counts."
CATEGORIES = (
    "The ids of the price categories whose seats it is sold for, at most"
    f" {MAX_CATEGORIES_OF_TYPE}. Without any, it has no seats."
)


@strawberry.input(description="The codes that unlock a ticket type, in place of those it has.")
class SetTypeCodesInput:
    ticket_type_id: UUID = id_field("TicketType", "The ticket type's id.")
    promo_code_ids: list[UUID] = ids_field(
        "PromoCode", f"The ids of promo codes of the vendor, at most {MAX_CODES_OF_TYPE}."
    )


def type_codes(input: SetTypeCodesInput) -> list[UUID]:
    return parse(TypeCodesDraft, promo_code_ids=input.promo_code_ids).promo_code_ids


@strawberry.input(description="A price until a time, or until a quota of a date is used up.")
class PriceTierInput:
    name: str = column("The name, such as Early bird, at most 80 characters.")
    price: MoneyInput = column("The price of a unit.")
    until: datetime | None = strawberry.field(
        default=None, description="The time until which it is open."
    )
    quota_id: UUID | None = id_field(
        "TicketQuota",
        "The id of a quota in which its tickets count: it is open while that has room, on that date"
        " alone.",
        default=None,
    )


@strawberry.input(description="A new ticket type of an event.")
class CreateTicketTypeInput:
    event_id: UUID = id_field("Event", "The event's id.")
    name: Texts = column("The name in each language, at most 80 characters.")
    price: MoneyInput = column("The price of a unit.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    kind: TicketTypeKind = strawberry.field(
        default=TicketTypeKind.ADMISSION, description="The kind, which cannot be changed."
    )
    description: Texts | None = strawberry.field(
        default=None, description="The description in each language, at most 1,000 characters."
    )
    admits: int = strawberry.field(
        default=1, description=f"The number of tickets that one unit gives, at most {MAX_ADMITS}."
    )
    min_per_order: int = strawberry.field(default=1, description="The fewest units of one order.")
    max_per_order: int = strawberry.field(
        default=10, description=f"The most units of one order, at most {MAX_PER_HOLD}."
    )
    needs_code: bool = strawberry.field(
        default=False, description="Whether it is hidden, and sold with a code alone."
    )
    companion_of_id: UUID | None = id_field(
        "TicketType",
        "The id of a type of the event that its tickets accompany. It is then sold with as many of"
        " that alone.",
        default=None,
    )
    category_ids: list[UUID] | None = ids_field("PriceCategory", CATEGORIES, default=None)
    sale_starts_at: datetime | None = strawberry.field(
        default=None, description="The time from which it is sold. Defaults to that of the date."
    )
    sale_ends_at: datetime | None = strawberry.field(
        default=None, description="The time until which it is sold. Defaults to that of the date."
    )
    tax_class: TaxClass = strawberry.field(default=TaxClass.STANDARD, description="The tax class.")
    hsn_code: str | None = strawberry.field(
        default=None, description="The code of the service, of 4 to 8 digits."
    )
    tiers: list[PriceTierInput] | None = strawberry.field(default=None, description=TIERS)


@strawberry.input(
    description="Changes to a ticket type. Omitted fields stay unchanged. Null resets a field to"
    " its default in `CreateTicketTypeInput`; a field that is required there can't be null. Holds"
    " and tickets keep what they were made with."
)
class UpdateTicketTypeInput:
    ticket_type_id: UUID = id_field("TicketType", "The ticket type's id.")
    name: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the name in all languages."
    )
    description: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the description in all languages."
    )
    price: MoneyInput | None = strawberry.field(default=UNSET, description="The new price.")
    admits: int | None = strawberry.field(
        default=UNSET, description="The new number of tickets of one unit."
    )
    min_per_order: int | None = strawberry.field(
        default=UNSET, description="The new fewest units of one order."
    )
    max_per_order: int | None = strawberry.field(
        default=UNSET, description="The new most units of one order."
    )
    needs_code: bool | None = strawberry.field(
        default=UNSET, description="Whether it is hidden, and sold with a code alone."
    )
    companion_of_id: UUID | None = id_field(
        "TicketType", "The id of the type that its tickets accompany.", default=UNSET
    )
    category_ids: list[UUID] | None = ids_field(
        "PriceCategory", "Replaces the price categories.", default=UNSET
    )
    sale_starts_at: datetime | None = strawberry.field(
        default=UNSET, description="The new time from which it is sold."
    )
    sale_ends_at: datetime | None = strawberry.field(
        default=UNSET, description="The new time until which it is sold."
    )
    tax_class: TaxClass | None = strawberry.field(default=UNSET, description="The new tax class.")
    hsn_code: str | None = strawberry.field(default=UNSET, description="The new code.")
    tiers: list[PriceTierInput] | None = strawberry.field(
        default=UNSET, description="Replaces the price tiers."
    )


def ticket_type_draft(input: CreateTicketTypeInput) -> TicketTypeDraft:
    names = set(TicketTypeDraft.model_fields) - {"currency"}
    values: dict[str, Any] = {
        name: value for name in names if (value := getattr(input, name)) is not None
    }
    values["price"], values["tiers"] = vars(input.price), _tiers(input.tiers or [])
    for name in ("name", "description"):
        values[name] = by_locale(name, texts=values.get(name) or [])
    lists: TextLists = {("name",): input.name, ("description",): input.description}
    return parse_texts(TicketTypeDraft, lists, **values)


def ticket_type_patch(input: UpdateTicketTypeInput) -> TicketTypePatch:
    names = set(TicketTypePatch.model_fields) - {"reset", "currency"}
    values = {name: getattr(input, name) for name in names}
    known = {name: value for name, value in values.items() if value not in (None, UNSET)}
    for name in ("name", "description"):
        if name in known:
            known[name] = by_locale(name, texts=known[name])
    if "price" in known:
        known["price"] = vars(known["price"])
    if "tiers" in known:
        known["tiers"] = _tiers(known["tiers"])
    reset = {name for name, value in values.items() if value is None}
    lists: TextLists = {("name",): input.name or None, ("description",): input.description or None}
    return parse_texts(TicketTypePatch, lists, **known, reset=reset)


def _tiers(given: Sequence[PriceTierInput]) -> list[dict[str, Any]]:
    return [vars(one) | {"price": vars(one.price)} for one in given]
