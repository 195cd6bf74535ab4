"""Pictures of vendors and offers: public uploads with a place and a text that describes them."""

from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, UniqueConstraint

from models.base import MAX_LOCALES, LocaleTag, Row, enum_column, foreign_key, json
from models.personal_data import of_others
from models.text import OneLine
from models.uploads import Upload

MAX_GALLERY_PICTURES, MAX_OFFER_PICTURES = 18, 10
MAX_ALT_LENGTH = 200
AltText = Annotated[str, OneLine(MAX_ALT_LENGTH)]
AltTexts = Annotated[dict[LocaleTag, AltText], Range(max_length=MAX_LOCALES)]
# Checked at commit: pictures change places with each other in one transaction.
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}


class VendorImageKind(StrEnum):
    LOGO = "LOGO"
    COVER = "COVER"
    GALLERY = "GALLERY"


class VendorImage(Row, table=True):
    """A picture of a vendor: at most 20, with the logo and the cover."""

    __tablename__ = "vendor_image"
    __table_args__ = (
        UniqueConstraint("vendor_id", "kind", "position", **DEFERRED),
        UniqueConstraint("upload_id", **DEFERRED),
        CheckConstraint(
            f"position BETWEEN 0 AND CASE kind WHEN 'GALLERY' THEN {MAX_GALLERY_PICTURES - 1}"
            " ELSE 0 END",
            name="position",
        ),
    )
    __privacy__ = of_others(none="position alt")

    vendor_id: UUID = foreign_key("vendor", index=False)
    kind: VendorImageKind = enum_column(VendorImageKind)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class OfferPicture(Row, table=True):
    """A picture of an offer, at most 10."""

    __tablename__ = "offer_picture"
    __table_args__ = (
        UniqueConstraint("offer_id", "position", **DEFERRED),
        UniqueConstraint("upload_id", **DEFERRED),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_OFFER_PICTURES - 1}", name="position"),
    )
    __privacy__ = of_others(none="position alt")

    offer_id: UUID = foreign_key("offer", index=False)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int = 0
    alt: dict[str, AltText] = json(default_factory=dict)


class ShownPicture(NamedTuple):
    """A picture with its upload, which is attached and so READY."""

    row: VendorImage | OfferPicture
    upload: Upload

    @property
    def kind(self) -> VendorImageKind | None:
        kind: VendorImageKind | None = getattr(self.row, "kind", None)
        return kind


class PictureDraft(BaseModel, frozen=True):
    """Validated input of a picture."""

    upload_id: UUID
    alt: AltTexts = {}


class VendorPictures(BaseModel, frozen=True):
    """The pictures of a vendor in the fields of an input."""

    logo: Annotated[list[PictureDraft], Range(max_length=1)] = []
    cover: Annotated[list[PictureDraft], Range(max_length=1)] = []
    gallery: Annotated[list[PictureDraft], Range(max_length=MAX_GALLERY_PICTURES)] = []


class OfferPictures(BaseModel, frozen=True):
    """The pictures of an offer."""

    pictures: Annotated[list[PictureDraft], Range(max_length=MAX_OFFER_PICTURES)] = []
