"""The input of `updateVendor`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import strawberry
from pydantic.alias_generators import to_camel
from strawberry import UNSET

from engine.address_scalars import URL, PhoneNumber
from engine.ids import id_field
from models.pictures import MAX_GALLERY_PICTURES, PictureDraft, VendorPictures
from models.validation import parse
from models.vendors import VendorPatch
from models.vendors.hours import MAX_SPECIAL_DAYS, MAX_WEEKLY_SPANS, HoursPatch
from models.vendors.slugs import MAX_SLUGS
from schema.pictures.inputs import PictureInput, picture_drafts
from schema.texts import TextLists, Texts, by_locale, parse_texts
from schema.vendors.addresses import AddressInput
from schema.vendors.hours import OpeningSpanInput, SpecialDayInput


@strawberry.input(
    description="Changes to a vendor. Omitted fields stay unchanged. Null resets a description, a"
    " phone number, a website, texts for search engines, opening hours, special days, holidays and"
    " pictures to their defaults: none. The other fields can't be null. The country, currency and"
    " name can't be changed."
)
class UpdateVendorInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    description: Texts | None = strawberry.field(
        default=UNSET,
        description="Replaces the description in all languages, at most 4,000 characters each.",
    )
    seo_title: Texts | None = strawberry.field(
        default=UNSET,
        description="Replaces the title for search engines in all languages, at most 70 characters"
        " each.",
    )
    seo_text: Texts | None = strawberry.field(
        default=UNSET,
        description="Replaces the text for search engines in all languages, at most 200 characters"
        " each.",
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description="The new slug: 3 to 60 lower-case Latin letters, digits and hyphens. The former"
        f" ones keep leading to the vendor, which can have {MAX_SLUGS} in all. A PENDING vendor"
        " gives the former one up.",
    )
    address: AddressInput | None = strawberry.field(
        default=UNSET, description="Replaces the address."
    )
    latitude: float | None = strawberry.field(default=UNSET, description="The new latitude.")
    longitude: float | None = strawberry.field(default=UNSET, description="The new longitude.")
    phone: PhoneNumber | None = strawberry.field(default=UNSET, description="The new phone number.")
    website: URL | None = strawberry.field(default=UNSET, description="The new website.")
    hours: list[OpeningSpanInput] | None = strawberry.field(
        default=UNSET,
        description=f"Replaces the opening hours, at most {MAX_WEEKLY_SPANS} spans that do not"
        " overlap. Leave out a break between two of them.",
    )
    days: list[SpecialDayInput] | None = strawberry.field(
        default=UNSET, description=f"Replaces the special days, at most {MAX_SPECIAL_DAYS}."
    )
    closes_on_holidays: bool | None = strawberry.field(
        default=UNSET,
        description="Whether it closes on the public holidays of its country and subdivision, but"
        " for special days. Defaults to false.",
    )
    logo: PictureInput | None = strawberry.field(default=UNSET, description="Replaces the logo.")
    cover: PictureInput | None = strawberry.field(
        default=UNSET, description="Replaces the cover picture."
    )
    gallery: list[PictureInput] | None = strawberry.field(
        default=UNSET,
        description=f"Replaces the gallery, at most {MAX_GALLERY_PICTURES} pictures in their order."
        " Pictures that are left out are deleted.",
    )


TEXTS = ("description", "seo_title", "seo_text")


def vendor_patch(input: UpdateVendorInput) -> VendorPatch:
    names = VendorPatch.model_fields
    values: dict[str, Any] = {name: getattr(input, name) for name in names}
    known = {name: value for name, value in values.items() if value is not UNSET}
    given: TextLists = {(to_camel(name),): known[name] for name in TEXTS if known.get(name)}
    for name in TEXTS:
        if known.get(name):
            known[name] = by_locale(to_camel(name), texts=known[name])
    if input.address:
        known["address"] = vars(input.address)
    return parse_texts(VendorPatch, given, **known)


def hours_patch(input: UpdateVendorInput) -> HoursPatch:
    """Return the hours of the fields that the input sets. Null is the default of each."""
    known: dict[str, Any] = {}
    if input.hours is not UNSET:
        known["hours"] = [vars(span) for span in input.hours or []]
    if input.days is not UNSET:
        known["days"] = [
            vars(one) | {"spans": [vars(span) for span in one.spans]} for one in input.days or []
        ]
    if input.closes_on_holidays is not UNSET:
        known["closes_on_holidays"] = input.closes_on_holidays or False
    return parse(HoursPatch, **known)


def vendor_images(input: UpdateVendorInput) -> Mapping[str, Sequence[PictureDraft]]:
    """Return the pictures of the fields that the input sets. Null is none."""
    found: dict[str, Sequence[PictureDraft]] = {}
    for name in VendorPictures.model_fields:
        given = getattr(input, name)
        if given is UNSET:
            continue
        several = name == "gallery"
        pictures = given if several else [given] if given else []
        found[name] = picture_drafts(VendorPictures, name, pictures or [], several=several)
    return found
