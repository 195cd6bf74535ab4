"""People who may not manage a vendor, though some of them know it well."""

from models.identity.accounts import User
from models.vendors import MemberRole, Vendor
from tests.factories.world import World

OUTSIDERS = ["a stranger", "a customer", "STAFF", "SCANNER", "another vendor's owner", "an admin"]


async def outsider(world: World, vendor: Vendor, kind: str) -> User:
    """Somebody of one of the `OUTSIDERS` kinds."""
    user = await (world.admin() if kind == "an admin" else world.user())
    if kind == "a customer":
        await world.voucher(await world.offer(vendor), user)
    elif kind in {"STAFF", "SCANNER"}:
        await world.member(vendor, user, MemberRole(kind))
    elif kind == "another vendor's owner":
        await world.vendor(user)
    return user
