"""Inputs of event queries and mutations."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from core.errors import BadInput
from engine.ids import id_field, id_of
from engine.scalars import BigInt, CountryCode, CurrencyCode, TimeZone
from engine.types import column
from models.events.drafts import EventDraft, EventPatch
from models.events.events import MAX_EVENT_SLUGS, MAX_PER_USER
from models.events.venues import MAX_VENUE_NAME_LENGTH, VenueDraft, VenuePatch
from models.pictures import MAX_EVENT_PICTURES, EventPictures, PictureDraft
from models.validation import parse
from schema.events.enums import (
    EventState,
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from schema.offers.inputs import NearInput
from schema.pictures.inputs import PictureInput, picture_drafts
from schema.texts import TextLists, Texts, by_locale, parse_texts
from schema.vendors.addresses import AddressInput
from services.events.search import ListedEvents
from services.near import Near

EventId = Annotated[UUID, id_of("Event", "The event's id.")]
VenueId = Annotated[UUID, id_of("Venue", "The venue's id.")]
EventDateId = Annotated[UUID, id_of("EventDate", "The date's id.")]
IDEMPOTENCY_KEY = (
    "A unique key of at most 100 characters. A retry with the same key and input returns the first"
    " request's result."
)
HOURS = "The hours before the start"


@strawberry.input(description="Conditions of a list of events. All of them must hold.")
class EventWhere:
    vendor_id: UUID | None = id_field("Vendor", "Of this vendor.", default=None)
    category_id: UUID | None = id_field(
        "Category", "In this category or one of its descendants.", default=None
    )
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(
        default=None, description="At this postal code, in any spelling."
    )
    starts_from: datetime | None = strawberry.field(
        default=None, description="With a date that starts at this time or later."
    )
    starts_before: datetime | None = strawberry.field(
        default=None, description="With a date that starts before this time."
    )
    free: bool = strawberry.field(default=False, description="With tickets for nothing.")
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="With prices in this currency."
    )
    price_below: BigInt | None = strawberry.field(
        default=None,
        description="With a lowest price below this, in the minor unit of `currency`.",
    )
    states: list[EventState] | None = strawberry.field(
        default=None,
        description="In one of these states. Defaults to events that are on sale or to come. Others"
        " are found only at the viewer's own vendors.",
    )


def event_filter(where: EventWhere, near: NearInput | None, search: str | None) -> ListedEvents:
    """Return the conditions. Raises `BadInput` for a price without a currency."""
    if where.currency is None and where.price_below is not None:
        raise BadInput("Choose a currency for the prices.")
    return ListedEvents(
        vendor_id=where.vendor_id,
        category_id=where.category_id,
        country=where.country,
        pin_code=where.pin_code,
        starts_from=where.starts_from,
        until=where.starts_before,
        currency=where.currency,
        price_below=where.price_below,
        free=where.free,
        states=None if where.states is None else tuple(sorted(set(where.states))),
        near=Near(near.latitude, near.longitude, near.within_km) if near else None,
        search=search,
    )


@strawberry.input(description="A new venue in the vendor's country.")
class CreateVenueInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    name: str = column(f"The name, at most {MAX_VENUE_NAME_LENGTH} characters.")
    address: AddressInput = column("The address.")
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    time_zone: TimeZone | None = strawberry.field(
        default=None, description="The time zone. Defaults to the vendor's."
    )


@strawberry.input(
    description="Changes to a venue. Omitted fields stay unchanged, and none can be null. The"
    " limits are those of `CreateVenueInput`."
)
class UpdateVenueInput:
    venue_id: UUID = id_field("Venue", "The venue's id.")
    name: str | None = strawberry.field(default=UNSET, description="The new name.")
    address: AddressInput | None = strawberry.field(
        default=UNSET, description="Replaces the address."
    )
    latitude: float | None = strawberry.field(default=UNSET, description="The new latitude.")
    longitude: float | None = strawberry.field(default=UNSET, description="The new longitude.")


def venue_draft(input: CreateVenueInput) -> VenueDraft:
    return parse(
        VenueDraft,
        name=input.name,
        address=vars(input.address),
        latitude=input.latitude,
        longitude=input.longitude,
        time_zone=input.time_zone,
    )


def venue_patch(input: UpdateVenueInput) -> VenuePatch:
    values = {name: getattr(input, name) for name in VenuePatch.model_fields}
    known = {name: value for name, value in values.items() if value is not UNSET}
    if known.get("address") is not None:
        known["address"] = vars(known["address"])
    return parse(VenuePatch, **known)


@strawberry.input(description="A new event, created as a DRAFT.")
class CreateEventInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    title: Texts = column("The title in each language, 3 to 120 characters.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    description: Texts | None = strawberry.field(
        default=None, description="The description in each language, at most 8,000 characters."
    )
    category_id: UUID | None = id_field(
        "Category", "The category's id. Defaults to the vendor's category.", default=None
    )
    visibility: EventVisibility = strawberry.field(
        default=EventVisibility.PUBLIC, description="Whether lists show it."
    )
    max_per_user: int = strawberry.field(
        default=10,
        description=f"The most tickets of one date that a user can get, at most {MAX_PER_USER}.",
    )
    transfer: TransferPolicy = strawberry.field(
        default=TransferPolicy.FREE, description="Whether holders can transfer tickets."
    )
    transfer_hours: int | None = strawberry.field(
        default=None,
        description=f"{HOURS} until which they can, at most 8,760. Required for UNTIL.",
    )
    resale: ResalePolicy = strawberry.field(
        default=ResalePolicy.NONE, description="Whether holders can sell tickets back."
    )
    refund_hours: int | None = strawberry.field(
        default=None,
        description=f"{HOURS} until which tickets are refunded, at most 8,760. Null if they are"
        " not.",
    )
    refund_bps: int = strawberry.field(
        default=10_000,
        description="The refunded part of the price, in basis points, at most 10,000.",
    )
    answer_until_hours: int = strawberry.field(
        default=0,
        description=f"{HOURS} until which holders change answers to questions, at most 8,760.",
    )
    orphan_rule: OrphanRule = strawberry.field(
        default=OrphanRule.LENIENT, description="Whether buyers can leave single seats."
    )
    waitlist: WaitlistRule = strawberry.field(
        default=WaitlistRule.FIRST_FIT, description="How the waitlist is served."
    )
    pictures: list[PictureInput] | None = strawberry.field(
        default=UNSET,
        description=f"The pictures in their order, at most {MAX_EVENT_PICTURES}. The first one is"
        " the cover.",
    )


@strawberry.input(
    description="Changes to an event. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreateEventInput`; a field that is required there can't be null. The limits are"
    " those of `CreateEventInput`."
)
class UpdateEventInput:
    event_id: UUID = id_field("Event", "The event's id.")
    title: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the title in all languages."
    )
    description: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the description in all languages."
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description="The name in the addresses of pages: 3 to 60 lower-case Latin letters, digits"
        f" and hyphens. Former ones lead to the event too, at most {MAX_EVENT_SLUGS} in all.",
    )
    category_id: UUID | None = id_field("Category", "The new category's id.", default=UNSET)
    visibility: EventVisibility | None = strawberry.field(
        default=UNSET, description="Whether lists show it."
    )
    max_per_user: int | None = strawberry.field(
        default=UNSET, description="The most tickets of one date that a user can get."
    )
    transfer: TransferPolicy | None = strawberry.field(
        default=UNSET, description="Whether holders can transfer tickets."
    )
    transfer_hours: int | None = strawberry.field(
        default=UNSET, description=f"{HOURS} until which they can."
    )
    resale: ResalePolicy | None = strawberry.field(
        default=UNSET, description="Whether holders can sell tickets back."
    )
    refund_hours: int | None = strawberry.field(
        default=UNSET, description=f"{HOURS} until which tickets are refunded."
    )
    refund_bps: int | None = strawberry.field(
        default=UNSET, description="The refunded part of the price, in basis points."
    )
    answer_until_hours: int | None = strawberry.field(
        default=UNSET,
        description=f"{HOURS} until which holders change answers to questions.",
    )
    orphan_rule: OrphanRule | None = strawberry.field(
        default=UNSET, description="Whether buyers can leave single seats."
    )
    waitlist: WaitlistRule | None = strawberry.field(
        default=UNSET, description="How the waitlist is served."
    )
    pictures: list[PictureInput] | None = strawberry.field(
        default=UNSET,
        description="Replaces the pictures: also their order and their texts. Those that are left"
        " out are deleted.",
    )


def event_pictures(input: CreateEventInput | UpdateEventInput) -> list[PictureDraft] | None:
    """Return the pictures that the input sets, or None if it sets none. Null is an empty list."""
    if input.pictures is UNSET:
        return None
    return picture_drafts(EventPictures, "pictures", input.pictures or [])


@strawberry.input(description="A copy of an event.")
class CloneEventInput:
    event_id: UUID = id_field("Event", "The event's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)


def event_draft(input: CreateEventInput) -> EventDraft:
    values: dict[str, Any] = {name: getattr(input, name) for name in EventDraft.model_fields}
    for name in ("title", "description"):
        values[name] = by_locale(name, texts=values[name] or [])
    lists: TextLists = {("title",): input.title, ("description",): input.description}
    return parse_texts(EventDraft, lists, **values)


def event_patch(input: UpdateEventInput) -> EventPatch:
    values = {name: getattr(input, name) for name in EventPatch.model_fields}
    known = {name: value for name, value in values.items() if value is not UNSET}
    for name in ("title", "description"):
        if known.get(name) is not None:
            known[name] = by_locale(name, texts=known[name])
    lists: TextLists = {
        ("title",): input.title or None,
        ("description",): input.description or None,
    }
    return parse_texts(EventPatch, lists, **known)
