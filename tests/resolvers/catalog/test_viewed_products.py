"""Products that a user has viewed recently."""

from sqlmodel import func, select

from models.catalog.products import ProductState
from models.catalog.views import ProductView
from tests.client import Client, gid
from tests.factories.world import World

VIEWED = "{ viewedProducts { id } }"


async def test_viewed_products_are_those_of_the_viewer_the_latest_first(
    world: World, api: Client
) -> None:
    vendor, user = await world.vendor(), await world.user()
    products = [await world.product(vendor) for _ in range(3)]
    client = api.signed_in(user)
    for product in (*products, products[0]):
        await client.do("viewProduct", {"productId": gid(product)})
    latest = [{"id": gid(products[place])} for place in (0, 2, 1)]
    assert (await client.ask(VIEWED))["viewedProducts"] == latest
    assert (await api.signed_in(await world.user()).ask(VIEWED))["viewedProducts"] == []
    async with world.database.session() as session, session.begin():
        (await session.get_one(type(products[2]), products[2].id)).state = ProductState.HIDDEN
    assert (await client.ask(VIEWED))["viewedProducts"] == [latest[0], latest[2]]
    assert await client.ask("mutation { clearViewedProducts { errors { code } } }")
    assert (await client.ask(VIEWED))["viewedProducts"] == []


async def test_the_oldest_views_are_forgotten(world: World, api: Client) -> None:
    vendor, user = await world.vendor(), await world.user()
    client = api.signed_in(user)
    products = [await world.product(vendor) for _ in range(52)]
    await world.save(
        *(ProductView(user_id=user.id, product_id=product.id) for product in products[:51])
    )
    await client.do("viewProduct", {"productId": gid(products[51])})
    async with world.database.session() as session:
        assert (await session.exec(select(func.count()).select_from(ProductView))).one() == 50


async def test_view_product_that_is_not_there(world: World, api: Client) -> None:
    draft = await world.product(await world.vendor(), state=ProductState.DRAFT)
    given = {"productId": gid(draft)}
    assert await api.mutation_failed("viewProduct", given) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("viewProduct", given) == ["NOT_FOUND"]
    assert await api.failed(VIEWED) == ["UNAUTHENTICATED"]
