"""A calendar elsewhere blocks times while customers hold them.

Each time goes to one of both. A booking that was first keeps its time, and the block shows it.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.calendars.reading import BusyTime
from core.database import Database
from models.bookings.claims import SlotTaken
from models.bookings.feeds import BusyFeed
from models.bookings.setting_up.resources import Resource
from services.bookings.busy_feeds import reading
from services.bookings.busy_feeds.reading import ReadCalendar
from services.bookings.holding import holding, times
from services.bookings.setting_up import covering
from services.bookings.setting_up.covering import _find_taken
from services.bookings.slots.offering import offered
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.bookings.test_one_slot import read_resources
from tests.races.conftest import Drop
from tests.races.crowd import Payload, at_once, crowd, tally
from tests.races.meeting import MAX_WAIT_SECONDS, Meeting, held, waiting_for_locks
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input

ADDRESS = "https://calendar.example/private-12345/basic.ics"
LOCK = "SELECT FROM resource WHERE id = '{}' FOR NO KEY UPDATE"
BLOCKS = """query ($id: ID!) { node(id: $id) { ... on Resource { timeBlocks { nodes {
    blockSource bookingsInTheWay { nodes { id startsAt bookingState } } } } } } }"""
FIELDS = "booking { id startsAt }"


class Contested:
    """A clinic with a calendar elsewhere that is busy from 10:00 to 13:00 with Asha."""

    def __init__(self, clinic: Clinic, feed: BusyFeed) -> None:
        self.clinic, self.world, self.feed = clinic, clinic.world, feed

    @classmethod
    async def begin(cls, world: World) -> "Contested":
        clinic = await Clinic.open(world)
        return cls(clinic, await world.busy_feed(clinic.asha, ADDRESS))

    @property
    def busy(self) -> BusyTime:
        return BusyTime(self.clinic.at(10), self.clinic.at(13))

    async def read(self, *given: BusyTime) -> None:
        """Store what a calendar has, as the job does."""
        async with Transactions(self.world.database, Unheard()).begin() as session:
            await reading.store(session, self.feed.id, ReadCalendar(given, None))

    async def hold(self, client: Client, hour: int) -> Payload:
        input = hold_input(self.clinic.visit, self.clinic.at(hour), self.clinic.asha)
        user = await self.world.user()
        return await client.signed_in(user).do("holdBooking", input, FIELDS)

    async def in_the_way(self, api: Client) -> list[str]:
        """Return the ids of the bookings that the only block shows to the clinic."""
        owner = api.signed_in(self.clinic.owner)
        answer = await owner.ask(BLOCKS, id=gid(self.clinic.asha))
        (block,) = answer["node"]["timeBlocks"]["nodes"]
        assert block["blockSource"] == "BUSY_FEED"
        return [one["id"] for one in block["bookingsInTheWay"]["nodes"]]


async def in_turn(database: Database, steps: Sequence[Awaitable[Any]]) -> list[Any]:
    """Begin steps that wait for a lock, each once the ones before wait. Returns their results.

    The last one is not waited for: the lock is released as soon as all wait.
    """
    tasks: list[asyncio.Future[Any]] = []
    for step in steps:
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            while await waiting_for_locks(database) < len(tasks):  # noqa: ASYNC110 - nothing signals
                await asyncio.sleep(0.005)
        tasks.append(asyncio.ensure_future(step))
    return await asyncio.gather(*tasks)


async def test_bookings_before_a_block_stay_and_are_shown_and_none_come_after(
    world: World, clients: list[Client], database: Database
) -> None:
    """All wait for one lock, the calendar between the customers."""
    scene = await Contested.begin(world)
    steps = [
        scene.hold(clients[0], 10),
        scene.hold(clients[1], 11),
        scene.read(scene.busy),
        scene.hold(clients[1], 12),
    ]
    async with held(database, LOCK.format(scene.clinic.asha.id), waiting=len(steps)):
        first, second, _, late = await in_turn(database, steps)
    assert tally([first, second, late]) == {"OK": 2, "SLOT_TAKEN": 1}
    assert late["errors"]
    shown = [first["booking"]["id"], second["booking"]["id"]]
    assert await scene.in_the_way(clients[0]) == shown
    await check_invariants(database)


async def test_what_is_booked_in_a_rush_is_what_the_block_shows(
    world: World, clients: list[Client], database: Database
) -> None:
    scene = await Contested.begin(world)
    hours = [10, 11, 12] * 3
    calls = [scene.hold(clients[n % 2], hour) for n, hour in enumerate(hours)]
    reads = asyncio.create_task(scene.read(scene.busy))
    answers = await at_once(calls)
    await reads
    assert set(tally(answers)) <= {"OK", "SLOT_TAKEN"}
    booked = {one["booking"]["startsAt"]: one["booking"]["id"] for one in answers if one["booking"]}
    assert len(booked) == tally(answers)["OK"], "one for each time"
    assert await scene.in_the_way(clients[0]) == [booked[start] for start in sorted(booked)]
    await check_invariants(database)


async def test_a_time_that_a_calendar_frees_goes_to_one(
    world: World, clients: list[Client], database: Database
) -> None:
    scene = await Contested.begin(world)
    await scene.read(scene.busy)
    users = await crowd(world, 3)
    input = [hold_input(scene.clinic.visit, scene.clinic.at(10), scene.clinic.asha) for _ in users]
    steps = [scene.read()] + [
        clients[n % 2].signed_in(user).do("holdBooking", input[n]) for n, user in enumerate(users)
    ]
    async with held(database, LOCK.format(scene.clinic.asha.id), waiting=len(steps)):
        _, *answers = await in_turn(database, steps)
    assert tally(answers) == {"OK": 1, "SLOT_TAKEN": 2}
    await check_invariants(database)


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the job and a customer see what is taken before one of them takes it."""

    async def read(session: AsyncSession, resource_id: UUID) -> Resource:
        return (await session.exec(select(Resource).where(Resource.id == resource_id))).one()

    meeting = Meeting()
    monkeypatch.setattr(holding, "lock_resources", read_resources)
    monkeypatch.setattr(reading, "lock_resource", read)
    monkeypatch.setattr(times, "offered", meeting.after(offered))
    monkeypatch.setattr(covering, "_find_taken", meeting.after(_find_taken))


@pytest.mark.usefixtures("unlocked")
async def test_the_constraint_alone_gives_the_time_to_one(
    world: World, api: Client, database: Database
) -> None:
    """If that is the customer, the job fails, and runs again."""
    scene = await Contested.begin(world)
    held_, read = await asyncio.gather(
        scene.hold(api, 10), scene.read(scene.busy), return_exceptions=True
    )
    assert isinstance(held_, dict)
    assert tally([held_]) == ({"SLOT_TAKEN": 1} if read is None else {"OK": 1})
    if read is not None:
        assert isinstance(read, SlotTaken)
        await scene.read(scene.busy)
    booked = [held_["booking"]["id"]] if held_["booking"] else []
    assert await scene.in_the_way(api) == booked
    await check_invariants(database)


@pytest.mark.usefixtures("unlocked")
async def test_both_get_the_time_without_the_constraint_and_the_lock(
    world: World, api: Client, drop: Drop, database: Database
) -> None:
    """The control."""
    await drop("claim_during_excl")
    scene = await Contested.begin(world)
    answer, _ = await asyncio.gather(scene.hold(api, 10), scene.read(scene.busy))
    assert tally([answer]) == {"OK": 1}
    with pytest.raises(AssertionError, match="two claims of a lane overlap"):
        await check_invariants(database)
