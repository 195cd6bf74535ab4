"""Vendors and categories."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from core.errors import NotAllowed
from core.keyset import Window
from dataloaders.desk import canned_of_vendor, first_answers_of_vendor, hours_of_vendor
from dataloaders.identity import user_by_id
from dataloaders.vendors import (
    category_by_id,
    children_of_category,
    live_offers_of_vendor,
    own_membership,
)
from engine.address_scalars import URL, PhoneNumber
from engine.arguments import After, Before, First, Last
from engine.connections import Connection
from engine.context import Info
from engine.scalars import CountryCode, CurrencyCode, TimeZone
from engine.types import Rows, column, decode_id, field, localized_text, related, related_page
from models import vendors as rows
from models.chat.desk import MOST_CANNED
from schema.chat.desk import (
    AssignedTo,
    CannedReply,
    ChatHours,
    FirstAnswer,
    InState,
    StartingWith,
    titled,
)
from schema.enums import AssignmentFilter, ConversationState, MemberRole, VendorStatus
from services.chat.assignments import list_vendor_conversations
from services.journal.topics import vendor_topic
from services.redemptions import list_redemptions
from services.vendors import VendorFilter, list_members

if TYPE_CHECKING:
    from schema.chat.conversations import ConversationConnection
    from schema.identity.types import User
    from schema.offers.types import Offer
    from schema.redemptions.types import RedemptionConnection


@strawberry.type(description="A branch of the tree of what vendors do.")
class Category(Rows[rows.Category], relay.Node):
    """Public."""

    id: relay.NodeID[UUID]
    slug: str = column("Its name in an address.")
    path: str = column("The slugs from the root, such as `food/cafes/`.")
    name: str = localized_text("name", "Its name, in the locale asked for.")
    parent: Annotated["Category", strawberry.lazy("schema.vendors.types")] | None = related(
        category_by_id, by="parent_id", description="The branch it is on; null for a root."
    )
    children: list[Annotated["Category", strawberry.lazy("schema.vendors.types")]] = related(
        children_of_category, by="id", description="The branches on it, in their order."
    )


@strawberry.type(description="A business: shop, clinic, maker or organiser.")
class Vendor(Rows[rows.Vendor], relay.Node):
    """Public once approved; what its members work with is theirs alone."""

    id: relay.NodeID[UUID]
    name: str = column("What it calls itself.")
    description: str = localized_text("description", "What it says of itself.")
    status: VendorStatus = column("Whether it may be seen and may sell.")
    city: str = column("The city it is in.")
    country: CountryCode = column("The country it is in.")
    pin_code: str = column("Its postal code.")
    latitude: float = column("Degrees north.")
    longitude: float = column("Degrees east.")
    phone: PhoneNumber | None = column("Where it answers the telephone.")
    website: URL | None = column("Its own page.")
    time_zone: TimeZone = column("The time zone it keeps its hours in.")
    currency: CurrencyCode = column("What its prices are in.")
    locale: str = column("The language it writes in when nothing else is asked for.")
    created_at: datetime = column("When it joined.")
    category: Category = related(
        category_by_id, by="category_id", description="The branch it is on."
    )
    offers: list[Annotated["Offer", strawberry.lazy("schema.offers.types")]] = related_page(
        live_offers_of_vendor,
        Annotated["Offer", strawberry.lazy("schema.offers.types")],
        "Its live offers, the newest first. Page through more with `offers(where: {vendorId})`.",
    )

    @field("The viewer's role here; null for who isn't a member.")
    async def viewer_role(root: strawberry.Parent[rows.Vendor], info: Info) -> MemberRole | None:
        if info.context.viewer.optional_user_id is None:
            return None
        member = await info.context.loaders[own_membership].load(root.id)
        return member.role if member else None

    @field("Every attempt at its till, the latest first. For members only.")
    async def redemptions(
        root: strawberry.Parent[rows.Vendor],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["RedemptionConnection", strawberry.lazy("schema.redemptions.types")]:
        viewer = info.context.viewer
        member = viewer.require_user() and await info.context.loaders[own_membership].load(root.id)
        if not (member or viewer.admin):
            raise NotAllowed("Only members of this vendor see its redemptions.")
        from schema.redemptions.types import RedemptionConnection  # noqa: PLC0415 - it needs Vendor

        cursor = await info.context.app.feed.cursor(vendor_topic(root.id))
        window = Window(first, after, last, before)
        page = await RedemptionConnection.fetch(info, *list_redemptions(root.id), window)
        page.changes_after = cursor
        return page

    chat_hours: ChatHours = related(
        hours_of_vendor, by="id", description="When somebody answers in the chat."
    )

    @field("Whether these are hours in which somebody answers in the chat.", cost=1)
    async def answers_now(root: strawberry.Parent[rows.Vendor], info: Info) -> bool:
        desk = await info.context.loaders[hours_of_vendor].load(root.id)
        return desk.hours.open_at(now(), root.time_zone)

    @field("Who works there, the first to join first. For members only.")
    async def members(
        root: strawberry.Parent[rows.Vendor],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated["Member", strawberry.lazy("schema.vendors.types")]]:
        await ensure_member(info, root.id)
        return await Connection.fetch(
            info, *list_members(root.id), Window(first, after, last, before)
        )

    @field("What its members send often, by title. For members only.", size=MOST_CANNED)
    async def canned_replies(
        root: strawberry.Parent[rows.Vendor], info: Info, starting_with: StartingWith = None
    ) -> list[CannedReply]:
        await ensure_member(info, root.id)
        replies = await info.context.loaders[canned_of_vendor].load(root.id)
        return [CannedReply.of(reply) for reply in titled(replies, starting_with)]

    @field("Its conversations in one state, the latest first. For members only.")
    async def conversations(
        root: strawberry.Parent[rows.Vendor],
        info: Info,
        assigned: AssignedTo = AssignmentFilter.ANYONE,
        state: InState = ConversationState.OPEN,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["ConversationConnection", strawberry.lazy("schema.chat.conversations")]:
        await ensure_member(info, root.id)
        from schema.chat.conversations import ConversationConnection  # noqa: PLC0415 - it needs Vendor

        cursor = await info.context.app.feed.cursor(vendor_topic(root.id))
        listed = list_vendor_conversations(info.context.viewer, root.id, assigned, state)
        page = await ConversationConnection.fetch(info, *listed, Window(first, after, last, before))
        page.changes_after = cursor
        return page

    @field("How soon its members answer. For members only.", cost=20)
    async def first_answer(root: strawberry.Parent[rows.Vendor], info: Info) -> FirstAnswer:
        await ensure_member(info, root.id)
        counted = await info.context.loaders[first_answers_of_vendor].load(root.id)
        return FirstAnswer(**counted._asdict())


@strawberry.type(description="Somebody who works at a vendor.")
class Member(Rows[rows.VendorMember]):
    """For those who work there too."""

    role: MemberRole = column("What the person may do there.")
    since: datetime = strawberry.field(
        resolver=lambda root: root.created_at,
        graphql_type=datetime,
        description="When the person joined.",
    )
    user: Annotated["User", strawberry.lazy("schema.identity.types")] = related(
        user_by_id, by="user_id", description="Who it is."
    )


async def ensure_member(info: Info, vendor_id: UUID) -> None:
    """For what a vendor's members see alone, and no admin."""
    info.context.viewer.require_user()
    if await info.context.loaders[own_membership].load(vendor_id) is None:
        raise NotAllowed("Only members of this vendor see this.")


@strawberry.input(description="What to narrow a list of vendors to.")
class VendorWhere:
    """Each is backed by an index."""

    category_id: relay.GlobalID | None = strawberry.field(
        default=None, description="On this branch of the tree or one below it."
    )
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(default=None, description="At this postal code.")


def vendor_filter(where: VendorWhere | None, search: str | None) -> VendorFilter:
    where = where or VendorWhere()
    return VendorFilter(
        category_id=decode_id(where.category_id, Category) if where.category_id else None,
        country=where.country,
        pin_code=where.pin_code,
        search=search,
    )


@strawberry.enum(description="In which order vendors come.")
class VendorOrder(Enum):
    """By name unless text is searched."""

    NAME = strawberry.enum_value("name", description="By name, from A to Z.")
    NEWEST = strawberry.enum_value("newest", description="The latest to join first.")
