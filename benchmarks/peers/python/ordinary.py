"""An ordinary server: Strawberry with SQLAlchemy and DataLoaders, as their documents show it."""

import base64
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import strawberry
from sqlalchemy import Select, tuple_
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from benchmarks.peers.python.loaders import RequestLoaders, live
from benchmarks.peers.python.tables import CategoryRow, OfferRow, VendorRow, session


@strawberry.enum(name="OfferState")
class PlainOfferState(Enum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    PAUSED = "PAUSED"
    EXPIRED = "EXPIRED"
    ARCHIVED = "ARCHIVED"


@strawberry.type(name="Category")
class PlainCategory:
    id: strawberry.ID
    name: str

    @classmethod
    def of(cls, row: CategoryRow) -> "PlainCategory":
        return cls(id=strawberry.ID(str(row.id)), name=_localized(row.name, "en"))


@strawberry.type(name="Vendor")
class PlainVendor:
    key: strawberry.Private[UUID]
    id: strawberry.ID
    name: str
    city: str
    country: str

    @classmethod
    def of(cls, row: VendorRow) -> "PlainVendor":
        return cls(
            key=row.id,
            id=strawberry.ID(str(row.id)),
            name=row.name,
            city=row.city,
            country=row.country,
        )

    @strawberry.field
    async def offers(self, info: Info[RequestLoaders, None], first: int = 20) -> list["PlainOffer"]:
        rows = await info.context.vendor_offers.load((self.key, first))
        return [PlainOffer.of(row) for row in rows]


@strawberry.type(name="Offer")
class PlainOffer:
    row: strawberry.Private[OfferRow]
    id: strawberry.ID
    title: str
    description: str
    state: PlainOfferState
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    claimed: int
    latitude: float
    longitude: float

    @classmethod
    def of(cls, row: OfferRow) -> "PlainOffer":
        return cls(
            row=row,
            id=strawberry.ID(str(row.id)),
            title=_localized(row.title, row.locale),
            description=_localized(row.description, row.locale),
            state=PlainOfferState(row.state),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            capacity=row.capacity,
            claimed=row.claimed,
            latitude=row.latitude,
            longitude=row.longitude,
        )

    @strawberry.field
    def remaining(self) -> int | None:
        return None if self.capacity is None else self.capacity - self.claimed

    @strawberry.field
    async def vendor(self, info: Info[RequestLoaders, None]) -> PlainVendor:
        return PlainVendor.of(await info.context.vendor.load(self.row.vendor_id))

    @strawberry.field
    async def category(self, info: Info[RequestLoaders, None]) -> PlainCategory:
        return PlainCategory.of(await info.context.category.load(self.row.category_id))

    @strawberry.field
    async def like_count(self, info: Info[RequestLoaders, None]) -> int:
        return await info.context.like_count.load(self.row.id)


@strawberry.type(name="PageInfo")
class PlainPageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type(name="OfferConnection")
class PlainOfferConnection:
    nodes: list[PlainOffer]
    page_info: PlainPageInfo


@strawberry.type(name="Query")
class PlainQuery:
    @strawberry.field
    async def offers(self, first: int = 20, after: str | None = None) -> PlainOfferConnection:
        async with session() as reading:
            rows = (await reading.scalars(_page(first, after))).all()
        shown = rows[:first]
        page_info = PlainPageInfo(
            has_next_page=len(rows) > first,
            end_cursor=_encode_cursor(shown[-1]) if shown else None,
        )
        return PlainOfferConnection(
            nodes=[PlainOffer.of(row) for row in shown], page_info=page_info
        )


def _page(first: int, after: str | None) -> Select[OfferRow]:
    rows = live().order_by(OfferRow.created_at.desc(), OfferRow.id.desc()).limit(first + 1)
    if after is None:
        return rows
    time, id = orjson.loads(base64.urlsafe_b64decode(after))
    place = tuple_(datetime.fromisoformat(time), UUID(id))
    return rows.where(tuple_(OfferRow.created_at, OfferRow.id) < place)


def _encode_cursor(row: OfferRow) -> str:
    place = [row.created_at.isoformat(), str(row.id)]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def _localized(texts: dict[str, Any], locale: str) -> str:
    return str(texts.get(locale) or next(iter(texts.values()), ""))


class OrdinaryServer(GraphQL[RequestLoaders, None]):
    async def get_context(self, *_: Any, **__: Any) -> RequestLoaders:
        return RequestLoaders()


schema = strawberry.Schema(PlainQuery, extensions=[ParserCache, ValidationCache])
app = OrdinaryServer(schema, graphql_ide=None)
