"""A vendor's desk: who works at it, and what it is kept by."""

from typing import Any

from models.chat.canned_replies import CannedReply
from models.chat.hours import ChatHours
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.client import gid
from tests.factories.world import World


async def somebody(world: World, vendor: Vendor, role: MemberRole) -> User:
    """A new member of a vendor."""
    user = await world.user()
    await world.member(vendor, user, role)
    return user


async def canned(world: World, vendor: Vendor, *titles: str) -> list[CannedReply]:
    """Canned replies of these titles, as many as the vendor has."""
    replies = [CannedReply(vendor_id=vendor.id, title=title, text=f"{title}!") for title in titles]
    desk = ChatHours(vendor_id=vendor.id, canned_replies=len(titles))
    await world.save(desk, *replies)
    return replies


def canned_input(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    """What `saveCannedReply` needs at least, with changes."""
    return {"vendorId": gid(vendor), "title": "Thanks", "text": "Thank you for asking."} | changes


def span(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def hours_input(vendor: Vendor, *spans: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What `saveChatHours` needs at least, with changes."""
    return {"vendorId": gid(vendor), "spans": list(spans)} | changes
