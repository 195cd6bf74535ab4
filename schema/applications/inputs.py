"""Inputs of applications."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from engine.address_scalars import URL, PhoneNumber
from engine.ids import ID_OF, id_field, id_of
from engine.scalars import CountryCode, CurrencyCode, TimeZone
from engine.types import column
from models.applications import (
    MAX_DOCUMENTS,
    MAX_REASON_LENGTH,
    ApplicationDraft,
    ApplicationPatch,
)
from models.validation import parse
from schema.applications.enums import ApplicationState
from schema.texts import Texts
from schema.vendors.addresses import AddressInput
from services.applications.queries import ApplicationFilter

ApplicationId = Annotated[UUID, id_of("VendorApplication", "The application's id.")]
ReadRevision = Annotated[
    int, strawberry.argument(description="The application's `revision` that the caller has read.")
]
Reason = Annotated[
    str,
    strawberry.argument(
        description=f"The reason, which the applicant reads: at most {MAX_REASON_LENGTH:,}"
        " characters."
    ),
]
DOCUMENTS = (
    f"1 to {MAX_DOCUMENTS} of the viewer's uploads with the purpose DOCUMENT: such as a licence and"
    " a proof of the tax number."
)


def _document_ids(description: str, **options: Any) -> Any:
    kind = list[relay.GlobalID] | None if options else list[relay.GlobalID]
    return strawberry.field(
        description=description, graphql_type=kind, metadata={ID_OF: "Upload"}, **options
    )


@strawberry.input(description="An application to become a vendor.")
class ApplyAsVendorInput:
    name: str = column("The name, at most 120 characters on one line. No web address.")
    category_id: UUID = id_field("Category", "The category's id. Not a hidden one.")
    country: CountryCode = column("The country.")
    address: AddressInput = column("The address.")
    latitude: float = column("The latitude in degrees, within ±90.")
    longitude: float = column("The longitude in degrees, within ±180.")
    time_zone: TimeZone = column("The time zone of its opening hours.")
    currency: CurrencyCode = column("The currency of its prices.")
    tax_id: str = column(
        "The tax number in the country, in any spelling: a GSTIN or PAN in IN, an EIN in US, a VAT"
        " number in others. Its check digit is verified where there is one."
    )
    document_upload_ids: list[UUID] = _document_ids(f"The documents: {DOCUMENTS}")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's application."
    )
    locale: str = strawberry.field(
        default="en", description="The default language of its texts, such as en or pt-BR."
    )
    description: Texts | None = strawberry.field(
        default=None, description="The description in each language, at most 4,000 characters."
    )
    phone: PhoneNumber | None = strawberry.field(default=None, description="The phone number.")
    website: URL | None = strawberry.field(default=None, description="The website.")

    def draft(self) -> ApplicationDraft:
        ids = self.document_upload_ids
        return parse(ApplicationDraft, tax_id=self.tax_id, document_upload_ids=ids)


@strawberry.input(
    description="Changes to an application, which is submitted again. Omitted fields stay"
    " unchanged, and none can be null. The country and the currency can't be changed: withdraw the"
    " application, and apply again. Other fields of the vendor are changed by `updateVendor`."
)
class ResubmitApplicationInput:
    application_id: UUID = id_field("VendorApplication", "The application's id.")
    revision: int = column("The application's `revision` that the caller has read.")
    name: str | None = strawberry.field(default=UNSET, description="The new name.")
    category_id: UUID | None = id_field("Category", "The new category's id.", default=UNSET)
    address: AddressInput | None = strawberry.field(
        default=UNSET, description="Replaces the address."
    )
    latitude: float | None = strawberry.field(default=UNSET, description="The new latitude.")
    longitude: float | None = strawberry.field(default=UNSET, description="The new longitude.")
    time_zone: TimeZone | None = strawberry.field(default=UNSET, description="The new time zone.")
    tax_id: str | None = strawberry.field(default=UNSET, description="The new tax number.")
    document_upload_ids: list[UUID] | None = _document_ids(
        f"Replaces the documents: {DOCUMENTS} Those that are left out are deleted.", default=UNSET
    )

    def patch(self) -> ApplicationPatch:
        values: dict[str, Any] = {
            name: value
            for name in ApplicationPatch.model_fields
            if (value := getattr(self, name)) is not UNSET
        }
        if self.address:
            values["address"] = vars(self.address)
        return parse(ApplicationPatch, **values)


@strawberry.input(description="Conditions of a list of applications. All of them must hold.")
class VendorApplicationWhere:
    state: ApplicationState | None = strawberry.field(default=None, description="In this state.")
    category_id: UUID | None = id_field(
        "Category", "Of a vendor in this category or one of its descendants.", default=None
    )
    country: CountryCode | None = strawberry.field(
        default=None, description="Of a vendor in this country."
    )


def application_filter(where: VendorApplicationWhere | None) -> ApplicationFilter:
    where = where or VendorApplicationWhere()
    return ApplicationFilter(
        state=where.state, category_id=where.category_id, country=where.country
    )
