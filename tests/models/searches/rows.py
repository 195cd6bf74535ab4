"""A saved search with all conditions, and an offer that matches it."""

from models.offers.listings import City
from models.searches import SavedSearch, SavedSearchHit
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    city = await world.first(City)
    search = SavedSearch(
        user_id=till.customer.id,
        name="Tea",
        search="tea",
        vendor_id=till.vendor.id,
        category_id=till.offer.category_id,
        city_id=city.id,
        country="IN",
        pin_code="560001",
        discount_kinds=["PERCENT"],
        discount_at_least=10,
        latitude=12.9,
        longitude=77.6,
        within_km=5,
        anchors=["tea"],
        query="'tea'",
    )
    await world.save(search, SavedSearchHit(search_id=search.id, offer_id=till.offer.id))
