"""A saved search with an offer that matches, which only its user sees."""

from sqlmodel import SQLModel

from models.searches import SavedSearch, SavedSearchHit
from tests.resolvers.scene import CUSTOMER, Scene

SEEN_BY = {"SavedSearch": {CUSTOMER}, "SavedSearchHit": {CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    search = SavedSearch(
        user_id=scene.customer.id, name="Tea", search="tea", query="'tea'", anchors=["tea"]
    )
    hit = SavedSearchHit(search_id=search.id, offer_id=scene.offer.id)
    await scene.world.save(search, hit)
    return {"SavedSearch": search, "SavedSearchHit": hit}
