"""The offer of the till, liked, and a version of its terms."""

from models.offers.terms import OfferTerms
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.like(till.offer, till.customer)
    await world.save(OfferTerms(offer_id=till.offer.id, version=1, currency="INR", locale="en"))
