"""Vendors and their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.applications import applications_of_vendor
from dataloaders.categories import category_by_id
from dataloaders.pictures import images_of_vendor
from dataloaders.vendors import (
    followed_by_viewer,
    live_offers_of_vendor,
    own_membership,
    suspension_of_vendor,
    visible_vendor,
)
from engine.address_scalars import URL, PhoneNumber
from engine.connections import Connection, Edge, LiveConnection, connection
from engine.context import Info
from engine.permissions import visible_to_members
from engine.scalars import CountryCode, CurrencyCode, TimeZone
from engine.types import Rows, column, field, loaded, localized_text, related, related_page
from models import vendors as rows
from models.members import Permission
from models.pictures import MAX_GALLERY_PICTURES, ShownPicture, VendorImageKind
from models.vendors import suspensions
from schema.catalog.vendor_fields import CatalogVendorFields
from schema.chat.vendor_fields import ChatVendorFields
from schema.invoices.types import InvoiceVendorFields
from schema.lazy import (
    LazyCategory,
    LazyMember,
    LazyMemberInvitation,
    LazyOffer,
    LazyRedemption,
    LazyVendorApplication,
)
from schema.ledger.vendor_fields import LedgerVendorFields
from schema.offers.vendor_fields import OfferVendorFields
from schema.pictures.types import Picture
from schema.redemptions.filters import (
    FirstDay,
    LastDay,
    RedemptionDay,
    WhereRedemptions,
    redemption_filter,
)
from schema.shipping.types import ShippingVendorFields
from schema.taxes.types import TaxVendorFields
from schema.vendors.enums import MemberRole, VendorStatus
from schema.vendors.event_fields import SoldVendorFields
from schema.vendors.hours import HoursVendorFields
from schema.vendors.profile_fields import ProfileVendorFields
from schema.vendors.suspension_fields import SuspensionVendorFields
from services.members.invitations import list_invitations
from services.members.members import list_members
from services.near import Near
from services.redemptions.history import MAX_DAYS, count_by_day, list_redemptions
from services.vendors.access import may_do
from services.vendors.queries import VendorListing

Images = Sequence[ShownPicture]
ADDRESS_COLUMNS = ("street_lines", "city", "subdivision", "pin_code", "country")


@strawberry.type(
    description="The postal address of a vendor. Visible to everyone who can see the vendor."
)
class Address(Rows[rows.Vendor]):
    street_lines: list[str] = strawberry.field(
        description="The street and number, and more lines: at most 3. Empty if the"
        " vendor has not given it.",
        metadata={"size": rows.MAX_STREET_LINES},
    )
    city: str = column("The city.")
    subdivision: str | None = column(
        "The state, province or the like, as addresses in the country write it. If they have none,"
        " the region whose public holidays are valid. Null if unknown."
    )
    postal_code: str = column(
        "The postal code, in upper case without spaces and hyphens.", of="pin_code"
    )
    country: CountryCode = column("The country.")
    formatted: list[str] = strawberry.field(
        description="The lines of the address in the order of its country, without the country's"
        " name.",
        metadata={"size": 8, "needs": ADDRESS_COLUMNS},
    )


@strawberry.type(
    description="A time during which a vendor cannot sell: its offers are not listed, and its"
    " vouchers are refused. Visible to its members and admins."
)
class VendorSuspension(Rows[suspensions.VendorSuspension]):
    reason: str = column("The reason, as an admin wrote it.")
    since: datetime = column("The time at which it began.", of="created_at")


@strawberry.type(
    description="A business: a shop, clinic, maker or organiser. Public once it is APPROVED, before"
    " that visible to its members and admins."
)
class Vendor(
    SoldVendorFields,
    CatalogVendorFields,
    ChatVendorFields,
    HoursVendorFields,
    LedgerVendorFields,
    OfferVendorFields,
    ProfileVendorFields,
    ShippingVendorFields,
    SuspensionVendorFields,
    TaxVendorFields,
    InvoiceVendorFields,
    Rows[rows.Vendor],
    relay.Node,
    access=visible_vendor,
):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    description: str = localized_text("description", "The vendor's description of itself.")
    status: VendorStatus = column("The approval status.")
    city: str = column("The city.")
    country: CountryCode = column("The country.")
    pin_code: str = column("The postal code, in upper case without spaces and hyphens.")
    address: Address = strawberry.field(
        resolver=lambda root: root,
        graphql_type=Address,
        description="The postal address.",
        metadata={"needs": ADDRESS_COLUMNS, "public": True},
    )
    latitude: float = column("The latitude in degrees.")
    longitude: float = column("The longitude in degrees.")
    website: URL | None = column("The website.")
    time_zone: TimeZone = column("The time zone of its opening hours.")
    currency: CurrencyCode = column("The currency of its prices.")
    locale: str = column("The default language of its texts.")
    created_at: datetime = column("The time at which the vendor joined.")
    category: LazyCategory = related(
        category_by_id, by="category_id", description="The category.", public=True
    )
    offers: list[LazyOffer] = related_page(
        live_offers_of_vendor,
        LazyOffer,
        "Live offers, newest first. For more pages use `offers(where: {vendorId})`.",
        public=True,
    )

    @field("The phone number.", needs=("id", "phone"), public=True)
    def phone(root: strawberry.Parent[rows.Vendor], info: Info) -> PhoneNumber | None:
        phone = root.open_phone(info.context.app.sealer)
        return None if phone is None else PhoneNumber(phone)

    @loaded(
        images_of_vendor,
        by="id",
        description="The logo. Null if the vendor has none.",
        public=True,
    )
    def logo(root: strawberry.Parent[rows.Vendor], images: Images) -> Picture | None:
        return next(iter(_images_of(images, VendorImageKind.LOGO)), None)

    @loaded(
        images_of_vendor,
        by="id",
        description="The wide picture at the top of the profile. Null if the vendor has none.",
        public=True,
    )
    def cover(root: strawberry.Parent[rows.Vendor], images: Images) -> Picture | None:
        return next(iter(_images_of(images, VendorImageKind.COVER)), None)

    @loaded(
        images_of_vendor,
        by="id",
        description=f"More pictures in their order, at most {MAX_GALLERY_PICTURES}.",
        size=MAX_GALLERY_PICTURES,
        public=True,
    )
    def gallery(root: strawberry.Parent[rows.Vendor], images: Images) -> list[Picture]:
        return _images_of(images, VendorImageKind.GALLERY)

    followed_by_me: bool | None = related(
        followed_by_viewer, by="id", description="Whether the viewer follows the vendor."
    )

    @loaded(
        own_membership,
        by="id",
        description="The viewer's role at this vendor. Null unless the viewer is a member.",
    )
    def viewer_role(
        root: strawberry.Parent[rows.Vendor], member: rows.VendorMember | None
    ) -> MemberRole | None:
        return member.role if member else None

    @loaded(
        applications_of_vendor,
        by="id",
        description="The application for this vendor. Null if an admin created it, and for everyone"
        " but the applicant and admins.",
    )
    def application(
        root: strawberry.Parent[rows.Vendor], found: Sequence[Any]
    ) -> LazyVendorApplication | None:
        return next(iter(found), None)

    @visible_to_members(own_membership, may_do(Permission.SEE_VENDOR), admins=True)
    @field(
        "The current suspension. Null if the vendor is not suspended. Visible to members and"
        " admins.",
        needs=("id",),
    )
    async def suspension(
        root: strawberry.Parent[rows.Vendor], info: Info
    ) -> VendorSuspension | None:
        found = await info.context.loaders[suspension_of_vendor].load(root.id)
        return VendorSuspension.wrap_optional(found)

    @visible_to_members(own_membership, may_do(Permission.REDEEM), admins=True)
    @connection(
        LiveConnection[LazyRedemption],
        "Redemption attempts, newest first. Subscription: `vendorRedemptions`. Visible to members"
        " and admins.",
        needs=("id",),
    )
    def redemptions(
        root: strawberry.Parent[rows.Vendor], where: WhereRedemptions = None
    ) -> Listing[Any]:
        return list_redemptions(root.id, redemption_filter(where))

    @visible_to_members(own_membership, may_do(Permission.SEE_STATISTICS), admins=True)
    @field(
        f"The number of redemption attempts per day, in the vendor's time zone, for at most"
        f" {MAX_DAYS} days. Visible to members with the STAFF role or higher, and admins.",
        needs=("id", "time_zone"),
        cost=20,
        size=MAX_DAYS,
    )
    async def redemption_days(
        root: strawberry.Parent[rows.Vendor], info: Info, from_day: FirstDay, until_day: LastDay
    ) -> list[RedemptionDay]:
        async with info.context.read_session() as session:
            days = await count_by_day(session, root.id, root.time_zone, from_day, until_day)
        return [RedemptionDay.wrap(one) for one in days]

    @visible_to_members(own_membership, may_do(Permission.SEE_MEMBERS), admins=True)
    @connection(
        LiveConnection[LazyMember],
        "The members in the order they joined. Subscription: `memberChanges`. Visible to members"
        " with the STAFF role or higher, and admins.",
        needs=("id",),
    )
    def members(root: strawberry.Parent[rows.Vendor]) -> Listing[Any]:
        return list_members(root.id)

    @visible_to_members(own_membership, may_do(Permission.MANAGE_MEMBERS), admins=True)
    @connection(
        LiveConnection[LazyMemberInvitation],
        "The open invitations, newest first. Subscription: `memberChanges`. Visible to its owners"
        " and managers, and admins.",
        needs=("id",),
    )
    def invitations(root: strawberry.Parent[rows.Vendor]) -> Listing[Any]:
        return list_invitations(root.id)


@strawberry.type(description="A vendor in a list, with its cursor.")
class VendorEdge(Edge[Vendor]):
    distance_meters: float | None = strawberry.field(
        default=None,
        description="The straight-line distance in meters from `near`. Null without `near`.",
    )


@strawberry.type(description="A page of vendors.")
class VendorConnection(Connection[Vendor]):
    @field("The vendors with their cursors.", needs=("latitude", "longitude"), public=True)
    def edges(self) -> list[VendorEdge]:
        near = self.listing.near if isinstance(self.listing, VendorListing) else None
        return [self._edge(place, near) for place in range(len(self.page.rows))]

    def _edge(self, place: int, near: Near | None) -> VendorEdge:
        edge = VendorEdge.at(self.page, place)
        if near is not None:
            edge.distance_meters = round(near.distance(self.page.rows[place]), 1)
        return edge


def _images_of(images: Images, kind: VendorImageKind) -> list[Any]:
    """Return a vendor's pictures of one kind. All kinds are loaded in one statement."""
    return [image for image in images if image.kind is kind]
