"""Seeds applications of vendors that are not approved, and suspensions."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from stdnum.iso7064 import mod_11_10

from core.countries.tax_ids import read_tax_id
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset, DemoApplication, DemoFile, DemoVendor
from demo.pictures import DOCUMENT_SIZE, draw_document
from demo.rng import SeededRandom
from models.applications import ApplicationState, VendorApplication, VendorDocument
from models.identity.accounts import Role
from models.uploads import Upload, UploadPurpose, UploadState, stored_key
from models.vendors import VendorStatus
from models.vendors.suspensions import VendorSuspension
from services.applications.applying import tax_columns

RETURNED_SHARE = 0.3  # of the open applications, which wait for the applicant
REASONS: Mapping[ApplicationState, str] = {
    ApplicationState.CHANGES_REQUESTED: "The licence is not readable. Please upload a better scan.",
    ApplicationState.REJECTED: "The address in the licence is another business's.",
}
SUSPENSION = "Several customers reported that vouchers were not accepted."


def seed_applications(rng: SeededRandom, dataset: Dataset) -> None:
    admin = next(user for user in dataset.users if user.role is Role.ADMIN)
    for vendor in dataset.vendors:
        returned, day = rng.chance(RETURNED_SHARE), rng.uniform(1, 20)
        tax_number = _random_tax_number(rng, vendor.row.country)
        at = dataset.now - timedelta(days=day)
        if vendor.row.status is VendorStatus.SUSPENDED:
            _add_suspension(rng, dataset, vendor, admin.id, at)
        elif vendor.row.status is not VendorStatus.APPROVED:
            state = _state(vendor, returned=returned)
            _add_application(rng, dataset, vendor, state, tax_number, at, admin.id)


def seal_tax_ids(dataset: Dataset, keys: SigningKeys) -> None:
    sealer = Sealer(keys)
    for row, country, tax_id in dataset.applications:
        for column, value in tax_columns(sealer, row.id, country, tax_id).items():
            setattr(row, column, value)


def _state(vendor: DemoVendor, *, returned: bool) -> ApplicationState:
    if vendor.row.status is VendorStatus.REJECTED:
        return ApplicationState.REJECTED
    return ApplicationState.CHANGES_REQUESTED if returned else ApplicationState.SUBMITTED


def _add_application(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    state: ApplicationState,
    tax_number: str,
    at: datetime,
    admin_id: UUID,
) -> None:
    decided: dict[str, Any] = {}
    if reason := REASONS.get(state):
        decided = {"reason": reason, "decided_at": dataset.now, "decider_id": admin_id}
    tax_id = read_tax_id(tax_number, vendor.row.country)
    assert tax_id  # noqa: S101 - made by the rules of the country
    row = VendorApplication(
        id=rng.uuid7_at(at),
        created_at=at,
        submitted_at=at,
        user_id=vendor.member_ids[0],
        vendor_id=vendor.row.id,
        state=state,
        tax_kind=tax_id.kind,
        tax_id=b"",
        tax_lookup=b"",
        **decided,
    )
    dataset.applications.append(DemoApplication(row, vendor.row.country, tax_id))
    upload = _add_document(rng, dataset, vendor, at)
    dataset.documents.append(VendorDocument(application_id=row.id, upload_id=upload.id, position=0))


def _add_document(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, at: datetime) -> Upload:
    content, id = draw_document(vendor.row.name), rng.uuid7_at(at)
    width, height = DOCUMENT_SIZE
    upload = Upload(
        id=id,
        created_at=at,
        user_id=vendor.member_ids[0],
        purpose=UploadPurpose.DOCUMENT,
        state=UploadState.READY,
        file_name="licence.png",
        content_type="image/png",
        size=len(content),
        width=width,
        height=height,
        key=stored_key(id, hashlib.sha256(content).hexdigest()),
        expires_at=at,
        attached_at=at,
    )
    dataset.uploads.append(upload)
    dataset.files.append(DemoFile(upload.key or "", content, upload.content_type))
    return upload


def _add_suspension(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, admin_id: UUID, at: datetime
) -> None:
    dataset.suspensions.append(
        VendorSuspension(
            id=rng.uuid7_at(at),
            created_at=at,
            vendor_id=vendor.row.id,
            number=1,
            reason=SUSPENSION,
            admin_id=admin_id,
        )
    )


def _random_tax_number(rng: SeededRandom, country: str) -> str:
    """Return a number by the rules of the country: a PAN, VAT number or EIN, or 12 digits."""
    digits = str(rng.randint(10**7, 10**8 - 1))
    letters = "".join(rng.choices(ascii_uppercase, k=5))
    if country == "IN":
        return f"{letters[:3]}F{letters[4]}{digits[:4]}{letters[0]}"
    if country == "DE":
        return digits + mod_11_10.calc_check_digit(digits)
    return f"12{digits[:7]}" if country == "US" else f"{digits}0001"
