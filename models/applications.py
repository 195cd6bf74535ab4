"""Applications of users to become a vendor, decided by admins."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from core.clock import now
from core.countries.tax_ids import TaxId, read_tax_id
from models.base import DEFERRED, Row, enum_column, foreign_key, optional_foreign_key, timestamp
from models.errors import NULL_REFUSED, InvalidInput, Refusal
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, sealed
from models.taxes.numbers import TaxIdInvalid
from models.text import Paragraphs
from models.vendors import AddressDraft, VendorName

MAX_OPEN_APPLICATIONS = 3
MAX_DOCUMENTS = 10
MAX_REASON_LENGTH = 1_000
TAX_ID_COLUMN = "vendor_application.tax_id"
# The kind of keyed hashes, as `tax_columns` has it. The country of a vendor does not change.
TAX_ID_KIND = """
'TAX_ID:' || (SELECT country FROM vendor WHERE vendor.id = vendor_id) || ':' || tax_kind
"""

Reason = Annotated[str, Paragraphs(MAX_REASON_LENGTH)]
TaxIdText = Annotated[str, StringConstraints(max_length=40)]
DocumentIds = Annotated[list[UUID], Range(min_length=1, max_length=MAX_DOCUMENTS)]


class ApplicationState(StrEnum):
    """`SUBMITTED ⇄ CHANGES_REQUESTED → APPROVED / REJECTED / WITHDRAWN`."""

    SUBMITTED = "SUBMITTED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


OPEN_STATES = frozenset({ApplicationState.SUBMITTED, ApplicationState.CHANGES_REQUESTED})


class VendorApplication(Row, table=True):
    """An application of a user for a vendor, which is PENDING until an admin decides.

    `revision` rises with each change of the application or of its vendor, so that an admin cannot
    decide on what they have not read. The tax number is sealed; vendors with the same one are found
    by its keyed hashes. `reason` is of the last decision.
    """

    __tablename__ = "vendor_application"
    __table_args__ = (
        UniqueConstraint("vendor_id"),
        CheckConstraint("revision >= 1", name="revision"),
        *check_lookup("tax_lookup"),
        CheckConstraint("tax_kind ~ '^[A-Z_]{2,10}$'", name="tax_kind"),
        CheckConstraint(
            f"char_length(reason) BETWEEN 1 AND {MAX_REASON_LENGTH}", name="reason_length"
        ),
        CheckConstraint(
            "state NOT IN ('CHANGES_REQUESTED', 'REJECTED') OR reason IS NOT NULL", name="reason"
        ),
        CheckConstraint("(decided_at IS NULL) = (decider_id IS NULL)", name="decided"),
        CheckConstraint(
            "state IN ('SUBMITTED', 'WITHDRAWN') OR decided_at IS NOT NULL", name="decision"
        ),
        Index("vendor_application_state_idx", "state", "submitted_at", "id"),
        Index("vendor_application_submitted_at_idx", "submitted_at", "id"),
        Index("vendor_application_user_id_idx", "user_id", "submitted_at", "id"),
    )
    __privacy__ = delete_rows(
        unless="state = 'APPROVED'",  # needed for the vendor, as its invoices are
        personal="reason",
        secrets="tax_lookup next_tax_lookup",
        none="revision tax_kind",
    )

    user_id: UUID = foreign_key("user", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    state: ApplicationState = enum_column(ApplicationState, default=ApplicationState.SUBMITTED)
    revision: int = 1
    tax_kind: str = Field(max_length=10)
    tax_id: bytes = sealed(lookup="tax_lookup", kind=TAX_ID_KIND)
    tax_lookup: bytes = Field(index=True)
    next_tax_lookup: bytes | None = Field(default=None, index=True)
    submitted_at: datetime = timestamp(default_factory=now)
    reason: Reason | None = Field(default=None, max_length=MAX_REASON_LENGTH)
    decided_at: datetime | None = timestamp(default=None)
    decider_id: UUID | None = optional_foreign_key("user")

    def ensure_revision(self, revision: int) -> None:
        if self.revision != revision:
            raise ApplicationChanged

    def ensure_in(self, *states: ApplicationState) -> None:
        if self.state not in states:
            raise InvalidApplicationState(state=self.state)


class VendorDocument(Row, table=True):
    """A document of an application, such as a licence. Only the applicant and admins see it."""

    __tablename__ = "vendor_document"
    __table_args__ = (
        UniqueConstraint("application_id", "position", **DEFERRED),
        UniqueConstraint("upload_id", **DEFERRED),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_DOCUMENTS - 1}", name="position"),
    )
    __privacy__ = delete_rows(of="application_id", none="position")

    application_id: UUID = foreign_key("vendor_application", index=False)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int


class ApplicationDraft(BaseModel, frozen=True):
    """Validated input of an application, without the vendor's own values."""

    tax_id: TaxIdText
    document_upload_ids: DocumentIds

    def read_tax_id(self, country: str) -> TaxId:
        return _read_tax_id(self.tax_id, country)


class ApplicationPatch(BaseModel):
    """Values of an application and its vendor that a resubmission sets. Others are unset."""

    name: VendorName | None = None
    category_id: UUID | None = None
    address: AddressDraft | None = None
    latitude: Annotated[float, Range(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Range(ge=-180, le=180)] | None = None
    time_zone: str | None = None
    tax_id: TaxIdText | None = None
    document_upload_ids: DocumentIds | None = None

    @model_validator(mode="after")
    def ensure_values_are_kept(self) -> Self:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[to_camel(name)])
        return self

    def vendor_columns(self, country: str) -> dict[str, Any]:
        """Return the values of the vendor's columns to set. Raises `InvalidInput`."""
        values = self.model_dump(
            exclude_unset=True, exclude={"address", "tax_id", "document_upload_ids"}
        )
        return values | (self.address.in_country(country) if self.address else {})

    def read_tax_id(self, country: str) -> TaxId | None:
        return None if self.tax_id is None else _read_tax_id(self.tax_id, country)


class Decision(BaseModel, frozen=True):
    """Validated reason of an admin's decision, which the applicant reads."""

    reason: Reason


def _read_tax_id(text: str, country: str) -> TaxId:
    found = read_tax_id(text, country)
    if found is None:
        raise TaxIdInvalid(country=country, field=["taxId"])
    return found


class ApplicationLimitReached(Refusal):
    message = (
        "You can have at most {most} applications that are not decided. Wait for a decision, or"
        " withdraw one."
    )
    meaning = "The user has the maximum number of open applications."
    remedy = "List the user's applications, so that one can be withdrawn."


class ApplicationChanged(Refusal):
    message = "The application has changed since you opened it. Read it again."
    meaning = "The application, or its vendor, has a newer revision than the one in the input."
    remedy = "Refetch the application, show it, and send the mutation with its `revision`."


class InvalidApplicationState(Refusal):
    message = "The application is {state}, so this is not possible."
    meaning = (
        "The state of the application does not allow this: it is decided, withdrawn, or waits for"
        " the other side."
    )
    remedy = "Refetch the application's `state`."
