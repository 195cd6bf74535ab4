"""Rushes of the benchmark of bookings, with few clients: one gets each slot, and doubles count."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app import create_app
from benchmarks.bookings import rushes
from benchmarks.bookings.rushes import RushRunner
from benchmarks.bookings.scene import ALWAYS, BookingScene
from benchmarks.load.http_request import encode_request
from benchmarks.workloads import OperationCall
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.bookings.bookings import BookingState
from tests.factories.bookings import workday
from tests.factories.world import World
from tests.processes import free_port
from tests.races.crowd import crowd
from tests.threads import served

CLIENTS, RUSHES = 5, 2


async def test_one_client_gets_each_slot_and_doubles_are_counted(
    world: World, settings: Settings, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rushes, "RUSH_CLIENTS", CLIENTS)
    port, users = free_port(), await crowd(world, CLIENTS * RUSHES)
    vendor = await world.vendor()
    staff = await world.resource(vendor)
    await world.schedule(staff, spans=ALWAYS)
    service = await world.service(vendor, staff, duration=15, step=15)
    scene = BookingScene(world, service, service, [staff], workday(2))

    def encode(document: str, variables: dict[str, Any], number: int) -> bytes:
        token = keys.sign_access(users[number].id, users[number].id, 5)[0]
        return encode_request(port, OperationCall(document, variables), token)

    with ThreadPoolExecutor(1) as executor, served(create_app(settings), port):
        runner = RushRunner(scene, executor, port, encode, 0)
        result = await runner.run(RUSHES)
    assert (result.doubles, result.unsold, result.errors) == (0, 0, {})
    assert len(result.seconds) == RUSHES
    for _ in range(2):
        await world.booking(users[0], service, None, staff, state=BookingState.COMPLETED)
    assert await runner._count_doubles() == 1
