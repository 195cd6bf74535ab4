"""Loaders of pictures, with their uploads and their sizes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.pairs import Pairs, Triples
from core.statements.statement import Statement, any_of
from engine.loaders import Loader
from engine.reads.source import ReadSource
from models.pictures import (
    Avatar,
    EventPicture,
    OfferPicture,
    PetPhoto,
    PictureSizes,
    ProductPicture,
    ShownPicture,
    Unplaced,
    VendorImage,
)
from models.uploads import Upload

Table = TypeVar("Table", VendorImage, OfferPicture, ProductPicture, EventPicture, Avatar, PetPhoto)
SIZED = col(PictureSizes.upload_id) == col(Upload.id)


def _pictures(table: type[Table], parent: str) -> Loader[UUID, Sequence[ShownPicture]]:
    """Load the pictures of each parent in their order, for all who see the parent."""
    triples = Triples(table, Upload, PictureSizes)
    foreign_key: Any = getattr(table, parent)
    statement = Statement(
        select(*triples.columns)
        .select_from(table)
        .join(Upload, col(table.upload_id) == Upload.id)
        .outerjoin(PictureSizes, SIZED)
        .where(any_of(foreign_key))
        .order_by(col(getattr(table, "position", table.id))),
        table,
    )

    async def load(
        source: ReadSource, ids: Sequence[UUID]
    ) -> Mapping[UUID, Sequence[ShownPicture]]:
        found: dict[UUID, list[ShownPicture]] = defaultdict(list)
        for row, upload, sizes in triples.of(await source.fetch(statement, keys=ids)):
            if upload is not None:
                found[getattr(row, parent)].append(ShownPicture(row, upload, sizes))
        return found

    return Loader(load, [])


images_of_vendor = _pictures(VendorImage, "vendor_id")
pictures_of_offer = _pictures(OfferPicture, "offer_id")
pictures_of_product = _pictures(ProductPicture, "product_id")
pictures_of_event = _pictures(EventPicture, "event_id")
photos_of_pet = _pictures(PetPhoto, "pet_id")


async def _load_avatars(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, ShownPicture]:
    found = await _avatars.load(source, ids)
    return {id: pictures[0] for id, pictures in found.items()}


_avatars = _pictures(Avatar, "user_id")
avatar_of_user: Loader[UUID, ShownPicture | None] = Loader(_load_avatars, None)

UPLOADS = Pairs(Upload, PictureSizes)
PICTURES = Statement(
    select(*UPLOADS.columns)
    .select_from(Upload)
    .outerjoin(PictureSizes, SIZED)
    .where(any_of(col(Upload.id)), col(Upload.key).is_not(None)),
    Upload,
)


async def _load_uploads(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, ShownPicture]:
    pairs = UPLOADS.of(await source.fetch(PICTURES, keys=ids))
    return {
        upload.id: ShownPicture(Unplaced(), upload, sizes)
        for upload, sizes in pairs
        if upload.is_public
    }


# Of an upload that the viewer may see.
picture_of_upload: Loader[UUID, ShownPicture | None] = Loader(_load_uploads, None)
