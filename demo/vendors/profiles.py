"""Seeds the addresses and the pictures of vendors and offers."""

import hashlib
from datetime import datetime
from uuid import UUID

from demo.dataset import Dataset, DemoFile, DemoVendor
from demo.pictures import COVER_SIZE, LOGO_SIZE, draw_cover, draw_logo
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.cafe import CAFE
from models.pictures import OfferPicture, VendorImage, VendorImageKind
from models.uploads import Upload, UploadPurpose, UploadState, stored_key

STREETS = load("streets")
GALLERY_SIZE = 3  # of the café


def seed_profiles(rng: SeededRandom, dataset: Dataset) -> None:
    """Give each vendor an address, a logo and a cover, and each first offer a picture."""
    illustrated: set[UUID] = set()
    for vendor in dataset.vendors:
        add_profile(rng, dataset, vendor)
    for offer in dataset.offers:
        at_cafe = offer.vendor.row.name == CAFE["name"]
        if at_cafe or offer.vendor.row.id not in illustrated:
            illustrated.add(offer.vendor.row.id)
            upload = _add_file(rng, dataset, offer.vendor, "offer.jpg", _cover(rng))
            dataset.offer_pictures.append(
                OfferPicture(offer_id=offer.row.id, upload_id=upload.id, alt=offer.row.title)
            )


def add_profile(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    """Give a vendor an address, a logo and a cover."""
    street = rng.choice(STREETS["streets"][vendor.city.country])
    vendor.row.street_lines = [street.format(number=rng.randint(1, 180))]
    if vendor.city.country != "DE":
        vendor.row.street_lines.append(vendor.area.name)
    vendor.row.subdivision = STREETS["subdivisions"].get(vendor.city.name)
    _add_images(rng, dataset, vendor)


def _add_images(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    logo = _add_file(rng, dataset, vendor, "logo.png", draw_logo(vendor.row.name))
    cover = _add_file(rng, dataset, vendor, "cover.jpg", _cover(rng))
    _add_image(dataset, vendor, VendorImageKind.LOGO, logo)
    _add_image(dataset, vendor, VendorImageKind.COVER, cover)
    if vendor.row.name == CAFE["name"]:
        for position in range(GALLERY_SIZE):
            picture = _add_file(rng, dataset, vendor, f"{position + 1}.jpg", _cover(rng))
            _add_image(dataset, vendor, VendorImageKind.GALLERY, picture, position)


def _cover(rng: SeededRandom) -> bytes:
    return draw_cover(rng.randint(0, 23))


def _add_image(
    dataset: Dataset, vendor: DemoVendor, kind: VendorImageKind, upload: Upload, position: int = 0
) -> None:
    dataset.vendor_images.append(
        VendorImage(
            vendor_id=vendor.row.id,
            kind=kind,
            upload_id=upload.id,
            position=position,
            alt={"en": f"{kind.title()} of {vendor.row.name}"},
        )
    )


def _add_file(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, name: str, content: bytes
) -> Upload:
    """Add an attached upload of the vendor's owner, and its content."""
    return add_file(rng, dataset, vendor.member_ids[0], vendor.row.created_at, name, content)


def add_file(
    rng: SeededRandom,
    dataset: Dataset,
    user_id: UUID,
    created_at: datetime,
    name: str,
    content: bytes,
) -> Upload:
    """Add an attached upload of a user, and its content."""
    id = rng.uuid7_at(created_at)
    is_logo = name.endswith(".png")
    width, height = LOGO_SIZE if is_logo else COVER_SIZE
    upload = Upload(
        id=id,
        created_at=created_at,
        user_id=user_id,
        purpose=UploadPurpose.PICTURE,
        state=UploadState.READY,
        file_name=name,
        content_type="image/png" if is_logo else "image/jpeg",
        size=len(content),
        width=width,
        height=height,
        key=stored_key(id, hashlib.sha256(content).hexdigest(), public=True),
        expires_at=created_at,
        attached_at=created_at,
    )
    dataset.uploads.append(upload)
    dataset.files.append(DemoFile(upload.key or "", content, upload.content_type))
    return upload
