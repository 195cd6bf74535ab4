"""Rushes on one slot: all clients want it at once, and one of them gets it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import text
from strawberry.relay import to_base64

from benchmarks.bookings.measurement import RUSH_CLIENTS, Rushes
from benchmarks.bookings.scene import BookingScene
from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.results import LoadResult

MOST_SECONDS = 110  # of all rushes, so that the benchmark ends in time on any machine
RUSH_SECONDS = 30
FIRST_PLACE = 4_000  # quarters of an hour from the first start: the holds before are far from it
RUSH = """mutation Rush($input: HoldBookingInput!) {
  holdBooking(input: $input) { errors { code } } }"""
TAKEN, GOT = b'"code":"SLOT_TAKEN"', '"errors":[]'
DOUBLES = text(
    """
    SELECT count(*) FROM booking AS one JOIN booking AS other ON other.staff_id = one.staff_id
        AND other.id > one.id AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
    WHERE one.service_id = :service_id AND other.service_id = :service_id
    """
)

Encode = Callable[[str, dict[str, Any], int], bytes]


class RushRunner:
    """Sends rushes, each on another slot, by users of their own from a number on."""

    def __init__(
        self, scene: BookingScene, executor: Executor, port: int, encode: Encode, first_user: int
    ) -> None:
        self._scene, self._executor, self._port = scene, executor, port
        self._encode, self._first_user = encode, first_user

    async def run(self, rushes: int) -> Rushes:
        """Send rushes until their number or their time is over."""
        began, seconds, unsold = perf_counter(), list[float](), 0
        errors = Counter[str]()
        for number in range(rushes):
            if perf_counter() - began > MOST_SECONDS:
                break
            result = await self._rush(number)
            seconds.append(result.seconds)
            got = Counter({one: n for one, n in result.errors.items() if GOT in one})
            unsold += not got
            errors += result.errors - got
        return Rushes(seconds, await self._count_doubles(), unsold, errors)

    async def _rush(self, number: int) -> LoadResult:
        users = range(number * RUSH_CLIENTS, (number + 1) * RUSH_CLIENTS)
        starts_at = self._scene.times[0] + timedelta(minutes=15 * (FIRST_PLACE + number))
        sent = [self._encode(RUSH, self._wanted(starts_at, n), self._first_user + n) for n in users]
        job = LoadJob(self._port, RUSH_CLIENTS, RUSH_SECONDS, sent, False, TAKEN)
        return await asyncio.get_running_loop().run_in_executor(self._executor, run_load, job)

    def _wanted(self, starts_at: datetime, number: int) -> dict[str, Any]:
        service, staff = self._scene.free, self._scene.staff[0]
        given = {
            "serviceId": to_base64("Service", str(service.id)),
            "staffId": to_base64("Resource", str(staff.id)),
            "startsAt": starts_at.isoformat(),
            "idempotencyKey": f"rush-{number}",
        }
        return {"input": given}

    async def _count_doubles(self) -> int:
        async with self._scene.world.database.engine.connect() as connection:
            found = await connection.execute(DOUBLES, {"service_id": self._scene.free.id})
            return int(found.scalar_one())
