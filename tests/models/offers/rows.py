"""The offer of the till, liked, with words counted and suggested, and a version of its terms."""

from models.offers.terms import OfferTerms
from models.offers.vocabulary import TermChange
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.like(till.offer, till.customer)
    await world.count_words()
    await world.suggest_names()
    await world.count_listings()
    await world.save(TermChange(added="'tea'"))
    await world.save(OfferTerms(offer_id=till.offer.id, version=1, currency="INR", locale="en"))
