"""Four hundred users hold the seats of the last row concurrently."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import DateTime, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.seats.seat_maps import SeatPlace, SeatRow, largest_run, mask_at_least
from services.events.seats import best, places
from services.events.seats.places import LOCK
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.resolvers.events.hall import SEATS, Hall, shown

PEOPLE, LAST = 400, 50


async def rush(
    world: World, clients: list[Client], inputs: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the answers to users who hold seats at once, each in another way."""
    return await at_once(
        client.signed_in(user).do("holdTickets", input, SEATS)
        for client, user, input in zip(
            cycle(clients), await crowd(world, len(inputs)), inputs, strict=False
        )
    )


def held(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(seat for answer in answers if answer["hold"] for seat in shown(answer["hold"]))


async def test_the_last_row_goes_to_exactly_those_it_has_seats_for(
    world: World, clients: list[Client], database: Database
) -> None:
    hall = await Hall.open(world, rows=1, seats=LAST)
    answers = await rush(world, clients, [hall.input(2) for _ in range(PEOPLE)])
    pairs = LAST // 2
    assert tally(answers) == {"OK": pairs, "TICKETS_SOLD_OUT": PEOPLE - pairs}
    assert set(held(answers).values()) == {1}
    assert await hall.states(0) == "H" * LAST, "no seat is left single"
    await check_invariants(database)


async def test_groups_are_refused_only_if_no_run_fits(
    world: World, api: Client, database: Database
) -> None:
    hall = await Hall.open(world, rows=4, seats=13)
    wanted = [1 + number % 4 for number in range(60)]
    answers = await rush(world, [api], [hall.input(number) for number in wanted])
    refused = [number for number, answer in zip(wanted, answers, strict=True) if not answer["hold"]]
    longest = max(map(largest_run, await hall.sizes()))
    assert all(number > longest for number in refused)
    assert set(held(answers).values()) == {1}
    await check_invariants(database)


async def test_chosen_seats_go_to_one_of_those_who_choose_them(
    world: World, clients: list[Client], database: Database
) -> None:
    """Overlapping choices over two rows are locked in one order."""
    hall = await Hall.open(world, rows=2, seats=10, orphan_rule="OFF")
    choices = [
        hall.input(2, seatIds=hall.ids(number % 2, at % 10) + hall.ids(1 - number % 2, at % 10))
        for number, at in enumerate(range(100))
    ]
    answers = await rush(world, clients, choices)
    assert tally(answers) == {"OK": 10, "SEATS_TAKEN": 90}
    assert set(held(answers).values()) == {1}
    await check_invariants(database)


UNLOCKED = Statement(
    select(*columns_of(SeatRow)).where(
        col(SeatRow.event_date_id) == bindparam("event_date_id"), any_of(col(SeatRow.row_id))
    ),
    SeatRow,
)
HOLD = Statement(
    text(
        """
        UPDATE seat_place SET state = 'HELD', hold_id = :hold_id, expires_at = :until
        WHERE event_date_id = :event_date_id AND seat_id = ANY(:seat_ids)
        """
    ).bindparams(
        bindparam("event_date_id", type_=Uuid()),
        bindparam("seat_ids", type_=ARRAY(Uuid())),
        bindparam("hold_id", type_=Uuid()),
        bindparam("until", type_=DateTime(timezone=True)),
    )
)


async def test_seats_are_oversold_without_the_lock_of_their_row(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """Callers who read the row together each write what they read as free."""
    meeting = Meeting()

    async def read(
        unit: UnitOfWork, event_date_id: UUID, row_ids: Collection[UUID]
    ) -> list[SeatRow]:
        given = {"event_date_id": event_date_id, KEYS: sorted(row_ids)}
        return await UNLOCKED.fetch(await connection_of(unit), **given)

    async def write(
        unit: UnitOfWork, chosen: Sequence[SeatPlace], hold_id: UUID, until: datetime
    ) -> None:
        await meeting.arrive()
        await HOLD.execute(
            await connection_of(unit),
            event_date_id=chosen[0].event_date_id,
            seat_ids=[place.seat_id for place in chosen],
            hold_id=hold_id,
            until=until,
        )
        await places.resize(unit, chosen[0].event_date_id, {one.row_id for one in chosen})

    monkeypatch.setattr(best, "FIND_UNLOCKED", FIND_ANY)
    monkeypatch.setattr(best, "lock_rows", read)
    monkeypatch.setattr(best, "hold_places", write)
    hall = await Hall.open(world, rows=1, seats=10)
    answers = await rush(world, [api], [hall.input(2) for _ in range(4)])
    assert max(held(answers).values()) > 1
    with pytest.raises(AssertionError, match="a seat of a hold is not held"):
        await check_invariants(database)


FIND_ANY = Statement(best._FIND, SeatRow)


@pytest.mark.parametrize("waits", [True, False])
async def test_a_locked_row_is_waited_for_if_no_other_fits(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database, waits: bool
) -> None:
    """Without the second look that waits, a buyer is refused though seats fit."""
    if not waits:
        monkeypatch.setattr(best, "FIND", best.FIND_UNLOCKED)
    hall = await Hall.open(world, rows=1)
    client = api.signed_in(hall.user)
    async with database.session() as session, session.begin():
        row_ids = [row[0].row_id for row in hall.rows]
        given = {"event_date_id": hall.date.id, KEYS: row_ids}
        await LOCK.fetch(await connection_of(session), **given)
        asked = asyncio.ensure_future(client.refusal_codes("holdTickets", hall.input(2)))
        done, _ = await asyncio.wait([asked], timeout=0.5 if waits else 5)
        assert bool(done) is not waits
    assert await asked == ([] if waits else ["NO_SEATS_TOGETHER"])


@pytest.mark.parametrize("careful", [True, False])
async def test_seats_are_left_single_without_the_mask(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, careful: bool
) -> None:
    if not careful:
        monkeypatch.setattr(best, "mask_without_single", mask_at_least)
    hall = await Hall.open(world, rows=2, seats=5)
    await hall.block(0, 3, 4)
    client = api.signed_in(hall.user)
    payload = await client.do("holdTickets", hall.input(2), SEATS)
    assert {seat[0] for seat in shown(payload["hold"])} == ({"B"} if careful else {"A"})
