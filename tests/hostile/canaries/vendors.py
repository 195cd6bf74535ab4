"""A shop, its rival, and a vendor that is not approved yet."""

from strawberry.relay import to_base64

from models.vendors import VendorStatus
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, OWNER, ROLES, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    owner, rival = canaries.people[OWNER], canaries.people["rival"]
    canaries.vendors = {
        "shop": await world.vendor(owner, name="Corner Shop"),
        "rival": await world.vendor(rival, name="Rival Shop"),
        "pending": await world.vendor(
            rival, name="Canary of the pending", status=VendorStatus.PENDING
        ),
    }
    canaries.rows += canaries.vendors.values()
    canaries.ids.append(to_base64("Category", canaries.vendors["shop"].category_id))
    canaries.add("Corner Shop", "Rival Shop", readers=ROLES)
    canaries.add("Canary of the pending", readers=[ADMIN])
