"""Two moves at once that are each correct, and together a cycle."""

from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.categories import Category
from services.categories import categories
from services.categories.tree import CategoryTree
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import Payload, at_once, tally
from tests.races.meeting import Overtaking

ROUNDS = 12


async def has_cycle(world: World) -> bool:
    """Return whether a category is its own ancestor, or has a path that is not its parent's."""
    async with world.database.session() as session:
        rows = {row.id: row for row in await session.exec(select(Category))}
    for row in rows.values():
        above = rows[row.parent_id].path if row.parent_id else ""
        if row.path != f"{above}{row.slug}/":
            return True
    return False


async def crossing(world: World, clients: Sequence[Client]) -> list[Coroutine[Any, Any, Payload]]:
    """Return the moves of two categories below each other."""
    admin = await world.admin()
    one, other = await world.category(), await world.category()
    here, there = (client.signed_in(admin) for client in clients)
    return [
        here.do("moveCategory", {"categoryId": gid(one), "parentId": gid(other)}),
        there.do("moveCategory", {"categoryId": gid(other), "parentId": gid(one)}),
    ]


async def test_two_moves_at_once_form_no_cycle(world: World, clients: list[Client]) -> None:
    for _ in range(ROUNDS):
        moved = await at_once(await crossing(world, clients))
        assert tally(moved) == {"OK": 1, "CATEGORY_CYCLE": 1}
        assert not await has_cycle(world)


async def test_without_the_lock_they_do(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(session: AsyncSession) -> CategoryTree:
        return CategoryTree((await session.exec(select(Category))).all())

    overtaking = Overtaking()
    monkeypatch.setattr(categories, "lock_tree", overtaking.after(read))
    moved = await overtaking.run(*await crossing(world, [api, api]))
    assert tally(moved) == {"OK": 2}
    assert await has_cycle(world)


async def test_a_child_that_is_created_while_its_parent_moves_has_the_right_path(
    world: World, clients: list[Client]
) -> None:
    admin = await world.admin()
    here, there = (client.signed_in(admin) for client in clients)
    target = await world.category()
    for number in range(ROUNDS):
        moving = await world.category()
        name = [{"locale": "en", "text": "New"}]
        new = {"slug": f"new-{number}", "name": name, "parentId": gid(moving)}
        done = await at_once(
            [
                here.do("moveCategory", {"categoryId": gid(moving), "parentId": gid(target)}),
                there.do("createCategory", new),
            ]
        )
        assert tally(done) == {"OK": 2}
        assert not await has_cycle(world)
