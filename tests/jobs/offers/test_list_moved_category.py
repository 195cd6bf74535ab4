"""Offers follow their category to another top-level one."""

from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Work
from tests.resolvers.browsing import offer_ids


async def test_a_category_that_moves_takes_its_offers_along(
    world: World, api: Client, work: Work
) -> None:
    food, fun = await world.category("food-9"), await world.category("fun-9")
    cafes = await world.category("cafes-9", food)
    offer = await world.offer(await world.vendor(category=cafes))
    assert await offer_ids(api, where={"categoryId": gid(food)}) == [gid(offer)]
    admin = api.signed_in(await world.admin())
    moved = {"categoryId": gid(cafes), "parentId": gid(fun)}
    assert await admin.refusal_codes("moveCategory", moved) == []
    await work()
    assert await offer_ids(api, where={"categoryId": gid(food)}) == []
    assert await offer_ids(api, where={"categoryId": gid(fun)}) == [gid(offer)]
    assert await offer_ids(api, where={"categoryId": gid(cafes)}) == [gid(offer)]
