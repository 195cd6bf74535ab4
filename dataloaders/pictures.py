"""Loaders of pictures, with their uploads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, in_session
from models.pictures import OfferPicture, ShownPicture, VendorImage
from models.uploads import Upload
from services.viewer import Viewer

Table = TypeVar("Table", VendorImage, OfferPicture)


def _pictures(table: type[Table], parent: str) -> Loader[UUID, Sequence[ShownPicture]]:
    """Load the pictures of each parent in their order, whatever the viewer: they are public."""

    async def batch(
        session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
    ) -> Mapping[UUID, Sequence[ShownPicture]]:
        foreign_key: Any = getattr(table, parent)
        rows = (
            select(table, Upload)
            .join(Upload, col(table.upload_id) == Upload.id)
            .where(foreign_key.in_(ids))
            .order_by(col(table.position))
        )
        grouped: dict[UUID, list[ShownPicture]] = defaultdict(list)
        for row, upload in await session.exec(rows):
            grouped[getattr(row, parent)].append(ShownPicture(row, upload))
        return grouped

    return Loader(in_session(batch), [])


images_of_vendor = _pictures(VendorImage, "vendor_id")
pictures_of_offer = _pictures(OfferPicture, "offer_id")
