"""Loaders of pictures, with their uploads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.statements.pairs import Pairs
from core.statements.statement import Statement, any_of
from engine.loaders import Loader
from engine.reads.source import ReadSource
from models.pictures import OfferPicture, ShownPicture, VendorImage
from models.uploads import Upload

Table = TypeVar("Table", VendorImage, OfferPicture)


def _pictures(table: type[Table], parent: str) -> Loader[UUID, Sequence[ShownPicture]]:
    """Load the pictures of each parent in their order, whatever the viewer: they are public."""
    pairs = Pairs(table, Upload)
    foreign_key: Any = getattr(table, parent)
    statement = Statement(
        select(*pairs.columns)
        .select_from(table)
        .join(Upload, col(table.upload_id) == Upload.id)
        .where(any_of(foreign_key))
        .order_by(col(table.position)),
        table,
    )

    async def load(
        source: ReadSource, ids: Sequence[UUID]
    ) -> Mapping[UUID, Sequence[ShownPicture]]:
        found: dict[UUID, list[ShownPicture]] = defaultdict(list)
        for row, upload in pairs.of(await source.fetch(statement, keys=ids)):
            if upload is not None:
                found[getattr(row, parent)].append(ShownPicture(row, upload))
        return found

    return Loader(load, [])


images_of_vendor = _pictures(VendorImage, "vendor_id")
pictures_of_offer = _pictures(OfferPicture, "offer_id")
