"""Offers and their discounts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core import money
from core.keyset import Page
from dataloaders.offers import like_count, liked_by_viewer
from dataloaders.vendors import category_by_id, vendor_by_id
from engine.connections import Connection, Edge
from engine.context import Info
from engine.scalars import BigInt, CountryCode, CurrencyCode
from engine.types import Rows, column, decode_id, field, localized_text, related
from models.base import localized
from models.offers import offers as rows
from schema.offers.enums import OfferState
from schema.vendors.types import Category, Vendor
from services.offers.search import Near, OfferFilter


@strawberry.type(description="An amount of money.")
class Money:
    """Never a float."""

    amount_minor: BigInt = column("In the smallest unit of the currency, such as paise.")
    currency: CurrencyCode = column("What it is in.")

    @field("The same amount in the currency's main unit, such as `1234.50`.")
    def decimal(root: strawberry.Parent[Any]) -> str:
        return money.decimal(root.amount_minor, root.currency)


@strawberry.type(description="Text in one language.")
class LocalizedText:
    """As the vendor wrote it."""

    locale: str = column("A language tag such as en or pt-BR (BCP 47).")
    text: str = column("The text in that language.")


@strawberry.type(description="So many percent less.")
class PercentDiscount:
    """Of kind PERCENT."""

    percent: int = column("From 1 to 100.")


@strawberry.type(description="So much money less.")
class AmountDiscount:
    """Of kind AMOUNT."""

    amount: Money = column("In the vendor's currency.")


@strawberry.type(description="More for the price of less.")
class BuyGetDiscount:
    """Of kind BUY_GET."""

    buy: int = column("How many are paid for.")
    get: int = column("How many come on top.")


@strawberry.type(description="Something free with a purchase.")
class FreeItemDiscount:
    """Of kind FREE_ITEM."""

    item: str = column("What it is, in the caller's language where there is one.")


Discount = Annotated[
    PercentDiscount | AmountDiscount | BuyGetDiscount | FreeItemDiscount,
    strawberry.union("Discount", description="What a voucher of the offer is worth."),
]


@strawberry.type(description="A discount that a vendor publishes.")
class Offer(Rows[rows.Offer], relay.Node):
    """Public while live; in every other state for the vendor's members."""

    id: relay.NodeID[UUID]
    title: str = localized_text("title", "What it is called.")
    description: str = localized_text("description", "More about it; may be empty.")
    terms: str = localized_text("terms", "What it is bound to; may be empty.")
    state: OfferState = column("Where it is in its life.")
    capacity: int | None = column("How many may claim it; null is no limit.")
    claimed: int = column("How many have.")
    remaining: int | None = column("How many still may; null is no limit.")
    per_user_limit: int = column("How often one person may claim it.")
    starts_at: datetime = column("When it can be claimed and redeemed from.")
    ends_at: datetime = column("When it is over.")
    country: CountryCode = column("The country it is in.")
    pin_codes: list[str] = column("The postal codes it serves, at most 100.")
    latitude: float = column("Degrees north of where it is to be had.")
    longitude: float = column("Degrees east of where it is to be had.")
    created_at: datetime = column("When it was drafted.")
    published_at: datetime | None = column("When it was first published.")
    vendor: Vendor = related(vendor_by_id, by="vendor_id", description="Who offers it.")
    category: Category = related(
        category_by_id, by="category_id", description="The branch it is on."
    )
    like_count: int = related(like_count, by="id", description="How many people like it.")

    @field("Its title in every language it has.", size=2)
    def titles(root: strawberry.Parent[rows.Offer]) -> list[LocalizedText]:
        return [LocalizedText(locale=tag, text=words) for tag, words in sorted(root.title.items())]

    @field("What a voucher of it is worth.")
    def discount(root: strawberry.Parent[rows.Offer], info: Info) -> Discount:
        if root.percent is not None:
            return PercentDiscount(percent=root.percent)
        if root.amount_minor is not None:
            amount = Money(
                amount_minor=BigInt(root.amount_minor), currency=CurrencyCode(root.currency)
            )
            return AmountDiscount(amount=amount)
        if root.buy is not None and root.get is not None:
            return BuyGetDiscount(buy=root.buy, get=root.get)
        return FreeItemDiscount(
            item=localized(root.free_item or {}, info.context.locales, root.locale)
        )

    @field("Whether the viewer likes it.")
    async def liked_by_me(root: strawberry.Parent[rows.Offer], info: Info) -> bool:
        if info.context.viewer.optional_user_id is None:
            return False
        return await info.context.loaders[liked_by_viewer].load(root.id)


@strawberry.type(description="An offer of a list, and its place there.")
class OfferEdge(Edge[Offer]):
    """Knows how far away it is, when the list starts from a place."""

    distance_meters: float | None = strawberry.field(
        default=None, description="As the crow flies, when the list is ordered by NEAREST."
    )


@strawberry.type(description="A page of offers.")
class OfferConnection(Connection[Offer]):
    """Like any other, with distances on its edges."""

    by_distance: strawberry.Private[bool] = False

    @field("The offers with their cursors.")
    def edges(self) -> list[OfferEdge]:
        return [self._edge(self.page, place) for place in range(len(self.page.rows))]

    def _edge(self, page: Page[Any], place: int) -> OfferEdge:
        edge = OfferEdge.at(page, place)
        edge.distance_meters = round(page.keys[place], 1) if self.by_distance else None
        return edge


@strawberry.input(description="What to narrow a list of offers to.")
class OfferWhere:
    """Each is backed by an index."""

    vendor_id: relay.GlobalID | None = strawberry.field(default=None, description="Of this vendor.")
    category_id: relay.GlobalID | None = strawberry.field(
        default=None, description="On this branch of the tree or one below it."
    )
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(
        default=None, description="Serving this postal code, in at most 12 characters."
    )
    liked_by_me: bool = strawberry.field(default=False, description="Liked by the viewer.")
    states: list[OfferState] | None = strawberry.field(
        default=None,
        description="In one of these states. Absent: live ones. Others are found only at one's own"
        " vendors.",
    )


@strawberry.input(description="A place, and how far from it.")
class NearInput:
    """For lists from a place outwards."""

    latitude: float = column("Degrees north, within ±90.")
    longitude: float = column("Degrees east, within ±180.")
    within_km: float = strawberry.field(
        default=50, description="How far away, in kilometres, at most 500."
    )


def offer_filter(
    where: OfferWhere | None, near: NearInput | None, search: str | None
) -> OfferFilter:
    where = where or OfferWhere()
    return OfferFilter(
        vendor_id=decode_id(where.vendor_id, Vendor) if where.vendor_id else None,
        category_id=decode_id(where.category_id, Category) if where.category_id else None,
        country=where.country,
        pin_code=where.pin_code,
        liked=where.liked_by_me,
        states=where.states,
        near=Near(near.latitude, near.longitude, near.within_km) if near else None,
        search=search,
    )
