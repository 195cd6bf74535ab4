"""The rows of the benchmark: a clinic with a month of claims, and one of which all is free."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.load.rows import insert_rows
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import Service
from tests.factories.bookings import ZONE, at, workday
from tests.factories.world import World

STAFF, ROOMS, ROOM_LANES = 50, 8, 20
DAYS, CLAIMS_A_DAY = 31, 12  # of each member of staff: 18,600 in all
CLAIM_MINUTES, CLAIM_STEP = 30, 40
ALWAYS = [[weekday, 0, 24 * 60] for weekday in range(1, 8)]
# Each claim is of a block, so that they need no bookings.
INSERT_CLAIMS = text(
    """
    INSERT INTO claim (id, created_at, resource_id, lane, block_id, blocked_from, blocked_until)
    SELECT uuidv7(), now(), block.resource_id, 0, block.id,
        start, start + CAST(:minutes AS interval)
    FROM time_block AS block, generate_series(1, :days) AS day, generate_series(0, :most - 1) AS n,
        LATERAL (
            SELECT block.ends_at + day * interval '1 day' + n * CAST(:step AS interval) AS start
        ) AS started
    WHERE block.resource_id = ANY(:ids)
    """
)


@dataclass(frozen=True)
class BookingScene:
    """`busy` has 18,600 claims in the days from `day` on. Any time of `free` can be held."""

    world: World
    busy: Service
    free: Service
    staff: list[Resource]  # of `free`
    day: date

    @classmethod
    async def create(cls, world: World, users: int) -> "BookingScene":
        async with world.database.engine.begin() as connection:
            await insert_rows(connection, users)
        day = workday(2)
        busy, taken = await _open(world, step=15)
        await _take(world, taken, day)
        free, staff = await _open(world, duration=15, step=15, spans=ALWAYS)
        return cls(world, busy, free, staff, day)

    @property
    def times(self) -> tuple[datetime, datetime]:
        """Return the first day, from midnight until midnight."""
        first = at(self.day, 0)
        return first, first + timedelta(days=1)


async def _open(
    world: World, *, spans: list[list[int]] | None = None, **values: Any
) -> tuple[Service, list[Resource]]:
    """Return a service of a new clinic, and its staff."""
    vendor = await world.vendor(time_zone=ZONE)
    kinds = [ResourceKind.STAFF] * STAFF + [ResourceKind.ROOM] * ROOMS
    found = []
    for kind in kinds:
        lanes = 1 if kind is ResourceKind.STAFF else ROOM_LANES
        resource = await world.resource(vendor, kind, lanes=lanes)
        await world.schedule(resource, **({"spans": spans} if spans else {}))
        found.append(resource)
    service = await world.service(vendor, *found, **values)
    return service, found[:STAFF]


async def _take(world: World, staff: list[Resource], day: date) -> None:
    """Give each member of staff twelve claims a day, from 9:00 on."""
    start = at(day, 9) - timedelta(days=1)
    for one in staff:
        await world.time_block(one, start - timedelta(minutes=1), start)
    values = {
        "ids": [one.id for one in staff],
        "days": DAYS,
        "most": CLAIMS_A_DAY,
        "minutes": timedelta(minutes=CLAIM_MINUTES),
        "step": timedelta(minutes=CLAIM_STEP),
    }
    async with world.database.engine.begin() as connection:
        await connection.execute(INSERT_CLAIMS, values)
    async with world.database.engine.connect() as connection:
        committed = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await committed.execute(text("VACUUM ANALYZE claim"))  # for reads of the index alone
