"""The offer of the till, liked, with its words counted and suggested, and some that are not."""

from models.offers.terms import TermChange
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.like(till.offer, till.customer)
    await world.count_words()
    await world.suggest_names()
    await world.count_listings()
    await world.save(TermChange(added="'tea'"))
