"""The input of `updateVendor`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.address_scalars import URL, PhoneNumber
from engine.ids import id_field
from models.pictures import MAX_GALLERY_PICTURES, PictureDraft, VendorPictures
from models.vendors import VendorPatch
from schema.pictures.inputs import PictureInput, picture_drafts
from schema.texts import Texts, by_locale, parse_texts
from schema.vendors.addresses import AddressInput


@strawberry.input(
    description="Changes to a vendor. Omitted fields stay unchanged. Null removes a description, a"
    " phone number, a website or pictures; the other fields can't be null. The country, currency"
    " and name can't be changed."
)
class UpdateVendorInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    description: Texts | None = strawberry.field(
        default=UNSET,
        description="Replaces the description in all languages, at most 4,000 characters each.",
    )
    address: AddressInput | None = strawberry.field(
        default=UNSET, description="Replaces the address."
    )
    latitude: float | None = strawberry.field(default=UNSET, description="The new latitude.")
    longitude: float | None = strawberry.field(default=UNSET, description="The new longitude.")
    phone: PhoneNumber | None = strawberry.field(default=UNSET, description="The new phone number.")
    website: URL | None = strawberry.field(default=UNSET, description="The new website.")
    logo: PictureInput | None = strawberry.field(default=UNSET, description="Replaces the logo.")
    cover: PictureInput | None = strawberry.field(
        default=UNSET, description="Replaces the cover picture."
    )
    gallery: list[PictureInput] | None = strawberry.field(
        default=UNSET,
        description=f"Replaces the gallery, at most {MAX_GALLERY_PICTURES} pictures in their order."
        " Pictures that are left out are deleted.",
    )


def vendor_patch(input: UpdateVendorInput) -> VendorPatch:
    names = VendorPatch.model_fields
    values: dict[str, Any] = {name: getattr(input, name) for name in names}
    known = {name: value for name, value in values.items() if value is not UNSET}
    if input.description:
        known["description"] = by_locale("description", texts=input.description)
    if input.address:
        known["address"] = vars(input.address)
    return parse_texts(VendorPatch, {("description",): input.description or None}, **known)


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
