"""Categories, vendors and their members."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, delete

from core.clock import now
from core.text.search_text import searchable
from models.categories import Category
from models.identity.accounts import User
from models.vendors import MemberRole, Vendor, VendorMember, VendorStatus
from models.vendors.commissions import VendorCommission
from tests.factories.base import NUMBERS, RowStore

if TYPE_CHECKING:
    from tests.factories.world import World

BENGALURU = (12.9716, 77.5946)
# Users who may not manage a vendor, though some of them know it well.
OUTSIDERS = ["a stranger", "a customer", "STAFF", "SCANNER", "another vendor's owner", "an admin"]


class VendorRows(RowStore):
    """Creates vendors and what belongs to them."""

    async def category(self, slug: str = "", parent: Category | None = None) -> Category:
        slug = slug or f"category-{next(NUMBERS)}"
        category = Category(
            slug=slug,
            path=(parent.path if parent else "") + f"{slug}/",
            name={"en": slug.title(), "hi": f"{slug} (hi)"},
            parent_id=parent.id if parent else None,
        )
        await self.save(category)
        return category

    async def commission(self, vendor: Vendor, bps: int, *, admin: User) -> VendorCommission:
        """Return the first rate of a vendor, which has begun."""
        rate = VendorCommission(
            vendor_id=vendor.id,
            number=1,
            bps=bps,
            starts_at=now() - timedelta(hours=1),
            admin_id=admin.id,
        )
        await self.save(rate)
        return rate

    async def vendor(self, owner: User | None = None, **values: Any) -> Vendor:
        """Return an approved vendor in Bengaluru, with an owner if one is given."""
        number = next(NUMBERS)
        category = values.pop("category", None) or await self.category()
        given: dict[str, Any] = {
            "name": f"Vendor {number}",
            "description": {"en": "A vendor."},
            "category_id": category.id,
            "status": VendorStatus.APPROVED,
            "locale": "en",
            "country": "IN",
            "city": "Bengaluru",
            "pin_code": "560001",
            "latitude": BENGALURU[0],
            "longitude": BENGALURU[1],
            "time_zone": "Asia/Kolkata",
            "currency": "INR",
        } | values
        phone = given.pop("phone", None)
        vendor = Vendor(search_text=searchable(given["name"], given["city"]), **given)
        vendor.seal_phone(self.sealer, phone)
        await self.save(vendor)
        if owner:
            await self.member(vendor, owner, MemberRole.OWNER)
        return vendor

    async def member(self, vendor: Vendor, user: User, role: MemberRole) -> VendorMember:
        member = VendorMember(vendor_id=vendor.id, user_id=user.id, role=role)
        await self.save(member)
        return member

    async def leaves(self, user: User) -> None:
        """Remove a user from all vendors."""
        async with self.database.session() as session, session.begin():
            await session.exec(delete(VendorMember).where(col(VendorMember.user_id) == user.id))


async def new_member(world: "World", vendor: Vendor, role: MemberRole) -> User:
    """Return a new user with this role at the vendor."""
    user = await world.user()
    await world.member(vendor, user, role)
    return user


async def outsider(world: "World", vendor: Vendor, kind: str) -> User:
    """Return a user of one of the `OUTSIDERS` kinds."""
    user = await (world.admin() if kind == "an admin" else world.user())
    if kind == "a customer":
        await world.voucher(await world.offer(vendor), user)
    elif kind in {"STAFF", "SCANNER"}:
        await world.member(vendor, user, MemberRole(kind))
    elif kind == "another vendor's owner":
        await world.vendor(user)
    return user
