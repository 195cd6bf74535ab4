"""Two moves at once that are each correct, and together a cycle."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.categories import Category
from services.categories import categories, tree
from services.categories.tree import CategoryTree
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import at_once, tally

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


async def cross(world: World, clients: Sequence[Client]) -> bool:
    """Move two categories below each other at once, and return whether a cycle came of it."""
    admin = await world.admin()
    one, other = await world.category(), await world.category()
    here, there = (client.signed_in(admin) for client in clients)
    moved = await at_once(
        [
            here.do("moveCategory", {"categoryId": gid(one), "parentId": gid(other)}),
            there.do("moveCategory", {"categoryId": gid(other), "parentId": gid(one)}),
        ]
    )
    cycle = await has_cycle(world)
    if not cycle:
        assert tally(moved) == {"OK": 1, "CATEGORY_CYCLE": 1}
    return cycle


async def test_two_moves_at_once_form_no_cycle(world: World, clients: list[Client]) -> None:
    assert not any([await cross(world, clients) for _ in range(ROUNDS)])


async def test_without_the_lock_they_do(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = asyncio.Barrier(2)

    async def read(session: AsyncSession) -> CategoryTree:
        found = CategoryTree((await session.exec(select(Category))).all())
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await both.wait()
        return found

    monkeypatch.setattr(categories, "lock_tree", read)
    assert tree.lock_tree is not read
    for _ in range(ROUNDS):
        if await cross(world, [api, api]):
            return
    pytest.fail("no cycle came of it")


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
