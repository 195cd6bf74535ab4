"""Offers that are published, drafts, and an offer of a vendor that is not approved yet."""

from models.offers.offers import OfferState
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, OWNER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    shop, rival, pending = (canaries.vendors[one] for one in ("shop", "rival", "pending"))
    canaries.offers = {"shop": await world.offer(shop), "rival": await world.offer(rival)}
    draft = OfferState.DRAFT
    canaries.rows += [
        *canaries.offers.values(),
        await world.offer(shop, state=draft, title={"en": "Canary of the draft"}),
        await world.offer(rival, state=draft, title={"en": "Canary of the plan"}),
        await world.offer(pending, title={"en": "Canary of the unseen"}),
    ]
    canaries.add("Canary of the draft", readers=[OWNER, ADMIN])
    canaries.add("Canary of the plan", "Canary of the unseen", readers=[ADMIN])
