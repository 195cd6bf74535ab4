"""Inputs of mutations of digital goods."""

from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_field, id_of, ids_of
from engine.types import column
from models.downloads.assets import (
    DEFAULT_DOWNLOADS,
    MAX_DOWNLOADS,
    MAX_VALID_DAYS,
    AssetDraft,
)
from models.downloads.keys import MAX_IMPORTED_KEYS, MAX_KEY_LENGTH, MAX_REMOVED_KEYS
from models.validation import parse

VariantId = Annotated[UUID, id_of("Variant", "A variant of a digital product.")]
UploadId = Annotated[
    UUID, id_of("Upload", "A READY upload of the viewer with the purpose DIGITAL.")
]
MoreDownloads = Annotated[
    int,
    strawberry.argument(description=f"The downloads to add, from 1 to {MAX_DOWNLOADS}."),
]
Keys = Annotated[
    list[str],
    strawberry.argument(
        description=f"The keys, at most {MAX_IMPORTED_KEYS} of {MAX_KEY_LENGTH} characters each."
    ),
]
KeyIds = Annotated[
    list[UUID],
    ids_of("LicenseKey", f"The keys to remove, at most {MAX_REMOVED_KEYS}. All must be free."),
]
Free = Annotated[
    bool | None,
    strawberry.argument(description="Only free keys, or only those that were sold."),
]


@strawberry.input(description="A file to sell.")
class AddDigitalAssetInput:
    variant_id: UUID = id_field("Variant", "A variant of a digital product.")
    upload_id: UUID = id_field("Upload", "A READY upload of the viewer with the purpose DIGITAL.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " stored result."
    )
    watermark: bool = strawberry.field(
        default=False,
        description="Whether each buyer's copy is marked. For JPEG, PNG, WebP and PDF files.",
    )
    preview: bool = strawberry.field(
        default=True,
        description="Whether everyone sees a small picture of it: of a PDF file, its first page.",
    )
    max_downloads: int = strawberry.field(
        default=DEFAULT_DOWNLOADS,
        description=f"The downloads that a buyer has for each unit, from 1 to {MAX_DOWNLOADS}.",
    )
    valid_days: int | None = strawberry.field(
        default=None,
        description=f"The days in which it can be downloaded, from 1 to {MAX_VALID_DAYS:,}. Null is"
        " for ever.",
    )

    def draft(self) -> AssetDraft:
        return parse(
            AssetDraft,
            watermark=self.watermark,
            preview=self.preview,
            max_downloads=self.max_downloads,
            valid_days=self.valid_days,
        )
