"""Fifty orders of hidden tickets take the last three uses of the code that unlocks them."""

from collections.abc import Sequence
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from core.database import Database
from models.events.ticket_types import TypeCode
from models.promos.codes import PromoCode
from services.promos import uses
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.races.unguarded import count_use
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import PLACED, TicketOrder

PEOPLE, USES = 50, 3


async def begin(
    world: World, clients: Sequence[Client], people: int
) -> tuple[PromoCode, list[TicketOrder], list[dict[str, Any]]]:
    """Return a code, orders of tickets that it unlocks, and the inputs that place them."""
    office = await BoxOffice.open(world, capacity=people)
    office.kind.needs_code = True
    code = await world.promo_code(office.vendor, capacity=USES)
    link = TypeCode(ticket_type_id=office.kind.id, promo_code_id=code.id)
    await world.save(office.kind, link)
    users = zip(cycle(clients), await crowd(world, people), strict=False)
    orders = [
        await TicketOrder.begin(office, client, user, promo_code_id=code.id)
        for client, user in users
    ]
    return code, orders, [one.input(await one.check_out()) for one in orders]


async def place(
    orders: Sequence[TicketOrder], inputs: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    return await at_once(
        (
            one.client.do("placeOrder", input, PLACED)
            for one, input in zip(orders, inputs, strict=True)
        ),
        most=20,
    )


async def used(world: World, code: PromoCode) -> int:
    fresh: PromoCode = await world.fresh(code)
    return fresh.used


async def test_the_last_uses_of_an_access_code_are_taken_by_as_many_orders(
    world: World, clients: list[Client], database: Database
) -> None:
    """An order that expires gives its use back, and takes one again if it is paid late."""
    code, orders, inputs = await begin(world, clients, PEOPLE)
    answers = await place(orders, inputs)
    assert tally(answers) == {"OK": USES, "PROMO_USED_UP": PEOPLE - USES}
    assert await used(world, code) == USES
    placed = [one for one, answer in zip(orders, answers, strict=True) if answer["order"]]
    refused = [one for one, answer in zip(orders, answers, strict=True) if not answer["order"]]
    await placed[0].expire()
    assert await used(world, code) == USES - 1
    await placed[0].receive_money()
    assert (await used(world, code), len(await placed[0].tickets())) == (USES, 1)
    await placed[1].expire()
    assert (await refused[0].place())["order"]
    assert await used(world, code) == USES
    await placed[1].receive_money()
    assert [reason for reason, _ in await placed[1].refunded()] == ["LATE_PAYMENT"]
    assert await placed[1].tickets() == []
    assert await used(world, code) == USES
    await check_invariants(database)


async def test_uses_of_an_access_code_are_taken_too_often_without_the_guard(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "_count_use", partial(count_use, Meeting(USES + 1)))
    await drop("promo_code_capacity_check")
    _, orders, inputs = await begin(world, [api], USES + 1)
    assert tally(await place(orders, inputs)) == {"OK": USES + 1}
    with pytest.raises(AssertionError, match=r"promo_code\.used differs"):
        await check_invariants(world.database)
