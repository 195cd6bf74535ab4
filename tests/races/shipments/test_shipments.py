"""Two members who ship the last unit at once, and a carrier whose report arrives twice at once."""

import asyncio
import os
import sys

import pytest
from sqlmodel import select

from commands import carriers
from core.database import Database
from core.ids import new_id
from core.settings import HOME
from models.notifications.inbox import Notification, NotificationKind
from models.orders.selections import UnitsOfLine
from models.orders.states import SubOrderState
from models.shipments import Shipment, ShipmentState, TrackingEvent
from services.orders import parts
from services.orders.handling import delivering
from services.orders.parts import lock_part
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import CARRIER_SECRET, Drop
from tests.races.crowd import at_once
from tests.races.meeting import Meeting
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.shipments.parcels import Parcels
from tests.web.webhooks.carrier import Carrier

UNITS = 3


async def test_the_last_unit_is_shipped_once(
    world: World, clients: list[Client], database: Database
) -> None:
    sale = await SoldOrder.make(world, clients[0], quantity=UNITS)
    given = {"suborderId": gid(sale.part), "lines": sale.units(1)}
    answers = await at_once(
        clients[number % 2]
        .signed_in(sale.staff)
        .do(
            "createShipment", given | {"idempotencyKey": str(new_id())}, "shipment { parcelNumber }"
        )
        for number in range(3 * UNITS)
    )
    numbers = [one["shipment"]["parcelNumber"] for one in answers if one["shipment"]]
    codes = {error["code"] for one in answers for error in one["errors"]}
    assert sorted(numbers) == [1, 2, 3]
    assert codes == {"ORDER_STATE"}
    assert (await world.fresh(sale.line)).shipped == UNITS
    await check_invariants(database)


async def test_without_the_lock_more_is_shipped_than_was_ordered(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "for_change", lambda rows: rows)
    sale = await SoldOrder.make(world, api, quantity=3, state=SubOrderState.PREPARING)
    monkeypatch.setattr(delivering, "find_lines", Meeting().after(parts.find_lines))

    async def ship(position: int) -> None:
        async with database.session() as session, session.begin():
            part = await lock_part(session, sale.part.id)
            units = UnitsOfLine(line_id=sale.line.id, quantity=2)
            shipment = Shipment(
                suborder_id=sale.part.id, vendor_id=sale.vendor.id, position=position
            )
            session.add(shipment)
            await delivering.count_shipped(session, Viewer(sale.staff.id), part, [units])

    await asyncio.gather(ship(1), ship(2))
    async with database.session() as session:
        assert len((await session.exec(select(Shipment))).all()) == 2
    assert (await world.fresh(sale.line)).shipped == 2


async def report_at_once(world: World, servers: list[Client]) -> list[TrackingEvent]:
    """Send one report to both processes, ten times each. Return what was recorded of it."""
    sale = await SoldOrder.make(world, servers[0])
    await Parcels(sale).shipped(2, carrier="Haat Post", trackingNumber="HP-1")
    posts = [Carrier(server.http, CARRIER_SECRET) for server in servers * 10]
    event = posts[0].event(sale, "OUT_FOR_DELIVERY", 1)
    answers = await asyncio.gather(*(carrier.post(event) for carrier in posts))
    assert {answer.status_code for answer in answers} == {200}
    rows = select(TrackingEvent).where(TrackingEvent.state == ShipmentState.OUT_FOR_DELIVERY)
    kind = NotificationKind.SHIPMENT_OUT_FOR_DELIVERY
    notices = select(Notification).where(Notification.kind == kind)
    async with world.database.session() as session:
        assert len((await session.exec(notices)).all()) == 1
        return list((await session.exec(rows)).all())


async def test_an_event_that_arrives_at_two_processes_is_recorded_once(
    world: World, servers: list[Client]
) -> None:
    assert len(await report_at_once(world, servers)) == 1


async def test_without_the_constraint_an_event_is_recorded_again(
    world: World, servers: list[Client], drop: Drop
) -> None:
    await drop("tracking_event_shipment_id_state_at_key")
    assert len(await report_at_once(world, servers)) > 1


async def test_the_stand_in_delivers_a_parcel_of_a_running_server(
    world: World, servers: list[Client]
) -> None:
    sale = await SoldOrder.make(world, servers[0])
    parcels = Parcels(sale)
    await parcels.shipped(2, carrier="Haat Post", trackingNumber="HP-1")
    port = servers[0].http.base_url.port
    done = await asyncio.create_subprocess_exec(
        sys.executable, "cli.py", "carrier-stand-in", "haat-post", "HP-1",
        env=os.environ | {"PORT": str(port), "CARRIER_SECRETS": f"haat-post={CARRIER_SECRET}"},
        cwd=HOME,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await done.communicate()
    assert (done.returncode, len(printed.splitlines())) == (0, len(carriers.EVENTS))
    assert await parcels.state() == "DELIVERED"
    async with world.database.session() as session:
        events = (await session.exec(select(TrackingEvent))).all()
    assert len(events) == len(carriers.EVENTS)  # one was sent twice, and shipping it is one
