"""Measures availability, slots, holds and rushes on one server, in turn."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rich.console import Console
from strawberry.relay import to_base64

from benchmarks.bookings.measurement import RUSH_CLIENTS, BookingMeasurement, Rushes
from benchmarks.bookings.rushes import RushRunner
from benchmarks.bookings.scene import DAYS, BookingScene
from benchmarks.load.generator import LoadJob, run_load
from benchmarks.load.http_request import encode_request
from benchmarks.load.numbering import USER, uuid_of
from benchmarks.load.results import LoadResult
from benchmarks.server import BenchmarkServer
from benchmarks.workloads import TOKEN_MINUTES, OperationCall
from core.database import JOB_STATEMENT_SECONDS, Database
from core.runtime.embedded import OWNER, as_role
from core.security.signing_keys import SigningKeys
from tests.factories.world import World

MAX_HOLDS_PER_SECOND = 600  # upper estimate for one Python process
STARTS_A_DAY, HOLD_DAYS = 4 * 24, 80
WARM_UP_SECONDS = 1
MONTH = """query Month($id: ID!, $from: Date!, $until: Date!) {
  availability(serviceId: $id, fromDay: $from, untilDay: $until) {
    days { day isOpen slots firstStartsAt } } }"""
DAY = """query Day($id: ID!, $from: DateTime!, $until: DateTime!) {
  slots(serviceId: $id, startsFrom: $from, startsBefore: $until) {
    slots { startsAt endsAt localStart left staff { id name } price { amountMinor } } } }"""
HOLD = """mutation Hold($input: HoldBookingInput!) {
  holdBooking(input: $input) { booking { id startsAt expiresAt } errors { code message } } }"""
COUNTED, LISTED, HELD = b'"isOpen":true', b'"left":', b'"errors":[]'


@dataclass(frozen=True)
class BookingOptions:
    seconds: int
    clients: int
    rushes: int

    @property
    def holds(self) -> int:
        return MAX_HOLDS_PER_SECOND * (self.seconds + WARM_UP_SECONDS)

    @property
    def users(self) -> int:
        return self.holds + self.rushes * RUSH_CLIENTS


class BookingRunner:
    def __init__(
        self, server: BenchmarkServer, executor: Executor, options: BookingOptions, console: Console
    ) -> None:
        self.server, self.executor, self.options = server, executor, options
        self.console = console
        settings = server.settings
        self.keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
        self.scene: BookingScene

    async def run(self) -> BookingMeasurement:
        url = as_role(self.server.settings.sqlalchemy_url, OWNER)  # only it can ANALYZE
        database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
        try:
            self.console.print("Inserting clinics, users and claims ...")
            world = World(database, self.keys)
            self.scene = await BookingScene.create(world, self.options.users)
            month = await self._read(MONTH, self._month(), COUNTED)
            day = await self._read(DAY, self._day(), LISTED)
            holds = await self._hold()
            return BookingMeasurement(month, day, holds, await self._rush())
        finally:
            await database.close()

    async def _read(self, document: str, variables: dict[str, str], expected: bytes) -> LoadResult:
        """Send one query again and again, by one client."""
        request = self._encode(document, variables | {"id": _gid(self.scene.busy)}, 0)
        await self._load([request], expected, WARM_UP_SECONDS, 1, repeatable=True)
        return await self._load([request], expected, self.options.seconds, 1, repeatable=True)

    async def _hold(self) -> LoadResult:
        """Hold different times by different users."""
        holds, clients = list(self._holds()), self.options.clients
        warm_up = MAX_HOLDS_PER_SECOND * WARM_UP_SECONDS
        await self._load(holds[:warm_up], HELD, WARM_UP_SECONDS, clients)
        return await self._load(holds[warm_up:], HELD, self.options.seconds, clients)

    async def _rush(self) -> Rushes:
        port, first_user = self.server.settings.port, self.options.holds
        runner = RushRunner(self.scene, self.executor, port, self._encode, first_user)
        return await runner.run(self.options.rushes)

    def _month(self) -> dict[str, str]:
        last = self.scene.day + timedelta(days=DAYS - 1)
        return {"from": f"{self.scene.day}", "until": f"{last}"}

    def _day(self) -> dict[str, str]:
        first, end = self.scene.times
        return {"from": first.isoformat(), "until": end.isoformat()}

    def _holds(self) -> Iterator[bytes]:
        first, staff = self.scene.times[0], self.scene.staff
        for number in range(self.options.holds):
            place = number // len(staff) % (STARTS_A_DAY * HOLD_DAYS)
            given = {
                "serviceId": _gid(self.scene.free),
                "staffId": _gid(staff[number % len(staff)]),
                "startsAt": (first + timedelta(minutes=15 * place)).isoformat(),
                "idempotencyKey": f"load-{number}",
            }
            yield self._encode(HOLD, {"input": given}, number)

    def _encode(self, document: str, variables: dict[str, Any], user: int) -> bytes:
        id = uuid_of(USER, user)
        token = self.keys.sign_access(id, id, TOKEN_MINUTES)[0]
        port = self.server.settings.port
        return encode_request(port, OperationCall(document, variables), token)

    async def _load(
        self,
        sent: Sequence[bytes],
        expected: bytes,
        seconds: int,
        clients: int,
        *,
        repeatable: bool = False,
    ) -> LoadResult:
        job = LoadJob(self.server.settings.port, clients, seconds, list(sent), repeatable, expected)
        used = self.server.cpu_seconds()
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self.executor, run_load, job)
        spent = 1000 * (self.server.cpu_seconds() - used) / max(1, len(result.latencies))
        self.console.print(f"{spent:.1f} ms of CPU of the server for a request")
        return result


def _gid(row: Any) -> str:
    return to_base64(type(row).__name__, str(row.id))
