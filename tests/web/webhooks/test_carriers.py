"""Webhooks of carriers: signed reports move shipments, once each, and all else changes nothing."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from sqlmodel import select

from core.security.webhook_signatures import read_secret
from core.settings import Settings
from models.shipments import Shipment, TrackingEvent
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.shipments.parcels import Parcels
from tests.web.conftest import called
from tests.web.webhooks.carrier import Carrier

SECRET, OLD = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture(scope="module")
async def carrier(settings: Settings) -> AsyncIterator[Carrier]:
    secrets = {"haat-post": (read_secret(SECRET), read_secret(OLD))}
    async with called(settings.model_copy(update={"carrier_secrets": secrets})) as http:
        yield Carrier(http, SECRET)


async def parcel(world: World, api: Client) -> Parcels:
    parcels = Parcels(await SoldOrder.make(world, api))
    await parcels.shipped(2, carrier="Haat Post", trackingNumber="HP-1")
    return parcels


async def events(world: World) -> list[tuple[str, str]]:
    rows = select(TrackingEvent.state, TrackingEvent.source)
    async with world.database.session() as session:
        found = (await session.exec(rows)).all()
    return sorted((str(state), str(source)) for state, source in found)


async def test_events_of_a_carrier_come_twice_and_out_of_order(
    world: World, api: Client, carrier: Carrier
) -> None:
    parcels = await parcel(world, api)
    sale = parcels.sale
    sent = [("DELIVERED", 3), ("OUT_FOR_DELIVERY", 2), ("DELIVERED", 3), ("SHIPPED", 1)]
    for state, seconds in sent:
        answer = await carrier.post(carrier.event(sale, state, seconds, place="Bengaluru"))
        assert (answer.status_code, answer.content) == (200, b"")
    by_carrier = [one for one in await events(world) if one[1] == "CARRIER"]
    assert [state for state, _ in by_carrier] == ["DELIVERED", "OUT_FOR_DELIVERY", "SHIPPED"]
    assert await parcels.state() == "DELIVERED"
    assert (await parcels.notices()).count("ORDER_DELIVERED") == 1
    query = "query Q($id: ID!) { order(id: $id) { timeline { kind actor } } }"
    id = (await sale.buyer.ask("{ orders(first: 1) { nodes { id } } }"))["orders"]["nodes"][0]["id"]
    (step, *_) = (await sale.buyer.ask(query, id=id))["order"]["timeline"]
    assert step == {"kind": "DELIVERED", "actor": "CARRIER"}


async def test_a_secret_that_is_being_replaced_is_accepted(
    world: World, api: Client, carrier: Carrier
) -> None:
    parcels = await parcel(world, api)
    event = carrier.event(parcels.sale, "LOST")
    assert (await replace(carrier, secret=OLD).post(event)).status_code == 200
    assert (await parcels.notices())[0] == "SHIPMENT_LOST"


async def test_what_is_left_out_is_answered_alike(
    world: World, api: Client, carrier: Carrier
) -> None:
    parcels = await parcel(world, api)
    for event in (
        carrier.event(parcels.sale, "LOST", trackingNumber="HP-2"),
        carrier.event(parcels.sale, "LOST", 3600),
        carrier.event(parcels.sale, "LOST", -3600),
    ):
        assert (await carrier.post(event)).status_code == 200
    assert await events(world) == [("SHIPPED", "VENDOR")]


async def test_a_number_that_two_vendors_have_entered_moves_no_part(
    world: World, api: Client, carrier: Carrier
) -> None:
    """A vendor could otherwise claim the next numbers of a carrier, and have others' reports."""
    parcels, squatted = await parcel(world, api), await parcel(world, api)
    event = carrier.event(squatted.sale, "DELIVERED", 3)
    before = ambiguous()
    assert (await carrier.post(event)).status_code == 200
    assert ambiguous() == before + 1
    assert await events(world) == [("SHIPPED", "VENDOR")] * 2
    given = {"state": "LOST", "at": squatted.sale.placed.order.created_at.isoformat()}
    async with world.database.session() as session:
        of_squatter = Shipment.suborder_id == squatted.sale.part.id
        shipment = (await session.exec(select(Shipment).where(of_squatter))).one()
    given["shipmentId"] = gid(shipment)
    assert await squatted.sale.seller.refusal_codes("addTrackingEvent", given) == []
    assert (await carrier.post(event)).status_code == 200
    assert await parcels.state() == "DELIVERED"
    assert await squatted.state() == "SHIPPED"


def ambiguous() -> float:
    values = {"carrier": "haat-post", "outcome": "ambiguous"}
    return REGISTRY.get_sample_value("haat_carrier_events_total", values) or 0


async def test_wrong_webhooks(world: World, api: Client, carrier: Carrier) -> None:
    parcels = await parcel(world, api)
    event = carrier.event(parcels.sale, "LOST")
    stranger = "whsec_" + base64.b64encode(b"x" * 32).decode()
    unsigned = [
        await replace(carrier, secret=stranger).post(event),
        await carrier.post(event, age=301),
        await carrier.post(event, age=-310),
        await carrier.post(event, headers={"id": b"msg_2"}),
        await carrier.post(event, headers={"timestamp": b"1" * 400}),
        await carrier.post(event, headers={"timestamp": b"now"}),
        await carrier.post(event, headers={"signature": b""}),
        await carrier.post(event, headers={"signature": "v1,é".encode()}),
    ]
    assert [one.status_code for one in unsigned] == [401] * len(unsigned)
    for body in (b"", b"[]", b"{}", b"\xff", {**event, "state": "GONE"}, {**event, "at": 1.5e300}):
        assert (await carrier.post(body)).status_code == 400, body
    assert (await carrier.post(b"x" * 65_537)).status_code == 413
    assert (await replace(carrier, name="other").post(event)).status_code == 404
    assert (await carrier.http.get("/webhooks/carriers/haat-post")).status_code == 405
    assert await events(world) == [("SHIPPED", "VENDOR")]


async def test_without_secrets_there_are_no_webhooks(world: World, api: Client) -> None:
    parcels = await parcel(world, api)
    carrier = Carrier(api.http, SECRET)
    assert (await carrier.post(carrier.event(parcels.sale, "LOST"))).status_code == 404
