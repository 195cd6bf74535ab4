"""The DataLoaders of one request. Each opens its own session, because sessions cannot be shared."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from benchmarks.peers.python.tables import CategoryRow, LikeRow, OfferRow, VendorRow, session

Row = TypeVar("Row", VendorRow, CategoryRow)


def live() -> Select[OfferRow]:
    approved = select(VendorRow.id).where(VendorRow.status == "APPROVED")
    return select(OfferRow).where(
        OfferRow.state == "PUBLISHED",
        OfferRow.ends_at > func.now(),
        OfferRow.vendor_id.in_(approved),
    )


class RequestLoaders:
    def __init__(self) -> None:
        self.vendor = DataLoader(load_fn=_by_id(VendorRow))
        self.category = DataLoader(load_fn=_by_id(CategoryRow))
        self.like_count = DataLoader(load_fn=_like_counts)
        self.vendor_offers = DataLoader(load_fn=_vendor_offers)


def _by_id(table: type[Row]) -> Callable[[list[UUID]], Awaitable[list[Row]]]:
    async def load(ids: list[UUID]) -> list[Row]:
        key: Any = table.id
        async with session() as reading:
            rows = {row.id: row for row in await reading.scalars(select(table).where(key.in_(ids)))}
        return [rows[id] for id in ids]

    return load


async def _like_counts(ids: list[UUID]) -> list[int]:
    rows = (
        select(LikeRow.offer_id, func.count())
        .where(LikeRow.offer_id.in_(ids))
        .group_by(LikeRow.offer_id)
    )
    async with session() as reading:
        counts = dict((await reading.execute(rows)).all())
    return [counts.get(id, 0) for id in ids]


async def _vendor_offers(keys: list[tuple[UUID, int]]) -> list[Sequence[OfferRow]]:
    place = func.row_number().over(
        partition_by=OfferRow.vendor_id, order_by=(OfferRow.created_at.desc(), OfferRow.id.desc())
    )
    wanted = live().where(OfferRow.vendor_id.in_({id for id, _ in keys}))
    numbered = wanted.add_columns(place.label("place")).subquery()
    row = aliased(OfferRow, numbered)
    most = max(first for _, first in keys)
    grouped: dict[UUID, list[OfferRow]] = defaultdict(list)
    async with session() as reading:
        statement = select(row).where(numbered.c.place <= most).order_by(numbered.c.place)
        for offer in await reading.scalars(statement):
            grouped[offer.vendor_id].append(offer)
    return [grouped[id][:first] for id, first in keys]
