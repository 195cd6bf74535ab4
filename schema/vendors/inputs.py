"""Inputs of vendor queries and mutations."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.address_scalars import URL, EmailAddress, PhoneNumber
from engine.ids import id_field, id_of
from engine.scalars import CountryCode, CurrencyCode, TimeZone
from engine.types import column
from models.vendors import VendorDraft
from models.vendors.commissions import MAX_COMMISSION_BPS
from models.vendors.suspensions import MAX_SUSPENSION_REASON
from schema.offers.inputs import NearInput
from schema.texts import Texts, by_locale, parse_texts
from schema.vendors.addresses import AddressInput
from services.members.administration import Account
from services.near import Near
from services.vendors.queries import VendorFilter

SuspensionReason = Annotated[
    str,
    strawberry.argument(
        description="The reason, which the vendor's members read: at most"
        f" {MAX_SUSPENSION_REASON:,} characters."
    ),
]
VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]


@strawberry.input(description="Conditions of a list of vendors. All of them must hold.")
class VendorWhere:
    category_id: UUID | None = id_field(
        "Category", "In this category or one of its descendants.", default=None
    )
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(
        default=None, description="At this postal code, in any spelling."
    )
    near: NearInput | None = strawberry.field(
        default=None,
        description="Within this circle. In another order than DISTANCE and without `search`, the"
        " nearest 1,000, with `openNow` the nearest 250.",
    )
    open_now: bool = strawberry.field(
        default=False,
        description="Open at this time. Vendors without opening hours are left out. Requires"
        " `near`, `pinCode` or `followedByMe`. An answer to anonymous callers can be a few seconds"
        " old.",
    )
    followed_by_me: bool = strawberry.field(default=False, description="Followed by the viewer.")


@strawberry.input(description="The commission of a vendor from a time on.")
class SetCommissionInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    bps: int = column(
        f"The share of what is sold, in basis points: 250 is 2.5 %. At most {MAX_COMMISSION_BPS:,}."
    )
    starts_at: datetime | None = strawberry.field(
        default=None,
        description="The time from which it applies, within a year. Defaults to the current time.",
    )


@strawberry.input(one_of=True, description="An existing account, by exactly one of the two.")
class AccountInput:
    id: UUID | None = id_field("User", "The user's id.", default=UNSET)
    email: EmailAddress | None = strawberry.field(
        default=UNSET, description="The email address for signing in."
    )

    def given(self) -> Account:
        return self.id or str(self.email)


@strawberry.input(description="A new vendor, which is APPROVED at once.")
class CreateVendorInput:
    name: str = column("The name, at most 120 characters on one line. No web address.")
    owner: AccountInput = column("The account of the first member, an OWNER.")
    category_id: UUID = id_field("Category", "The category's id. Not a hidden one.")
    country: CountryCode = column("The country.")
    address: AddressInput = column("The address.")
    latitude: float = column("The latitude in degrees, within ±90.")
    longitude: float = column("The longitude in degrees, within ±180.")
    time_zone: TimeZone = column("The time zone of its opening hours.")
    currency: CurrencyCode = column("The currency of its prices.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's vendor."
    )
    locale: str = strawberry.field(
        default="en", description="The default language of its texts, such as en or pt-BR."
    )
    description: Texts | None = strawberry.field(
        default=None, description="The description in each language, at most 4,000 characters."
    )
    phone: PhoneNumber | None = strawberry.field(default=None, description="The phone number.")
    website: URL | None = strawberry.field(default=None, description="The website.")


class VendorInput(Protocol):
    """An input that has the fields of `VendorDraft`."""

    address: AddressInput
    description: Texts | None


def vendor_draft(input: VendorInput) -> VendorDraft:
    values = {name: getattr(input, name) for name in VendorDraft.model_fields}
    values["address"] = vars(input.address)
    values["description"] = by_locale("description", texts=input.description or [])
    return parse_texts(VendorDraft, {("description",): input.description}, **values)


def vendor_filter(where: VendorWhere | None, search: str | None) -> VendorFilter:
    where = where or VendorWhere()
    near = where.near
    return VendorFilter(
        category_id=where.category_id,
        country=where.country,
        pin_code=where.pin_code,
        followed=where.followed_by_me,
        open_now=where.open_now,
        near=Near(near.latitude, near.longitude, near.within_km) if near else None,
        search=search,
    )
