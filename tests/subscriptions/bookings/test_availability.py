"""Slots of a service that are followed live."""

from datetime import datetime, timedelta
from typing import Any

from models.bookings.setting_up.services import ServiceState
from models.identity.accounts import User
from services.bookings.setting_up.entries import ResourceChanged, ServiceChanged, announce
from subscriptions.bookings.availability import REACH
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.subscriptions.conftest import Shop

SLOTS = """query ($id: ID!, $from: DateTime!, $until: DateTime!) {
  slots(serviceId: $id, startsFrom: $from, startsBefore: $until) { cursor slots { startsAt } } }"""
CHANGES = """subscription ($id: ID!, $after: String) {
  availabilityChanges(serviceId: $id, after: $after) {
    cursor anyTime times { startsFrom startsBefore } } }"""


async def read(shop: Shop, clinic: Clinic, user: User) -> Any:
    first = clinic.at(0)
    times = {"from": first.isoformat(), "until": (first + timedelta(days=1)).isoformat()}
    client = shop.api.signed_in(user)
    return (await client.ask(SLOTS, id=gid(clinic.visit), **times))["slots"]


async def follow(shop: Shop, clinic: Clinic, user: User, after: str) -> Any:
    variables = {"id": gid(clinic.visit), "after": after}
    return await shop._subscribe(tokens=[shop.token(user)], query=CHANGES, variables=variables)


async def test_customers_follow_which_slots_may_have_changed(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world)
    customer, other = shop.customer, clinic.customer
    seen = await read(shop, clinic, customer)
    subscriber = await follow(shop, clinic, customer, seen["cursor"])
    await subscriber.connected()
    start = clinic.at(10)
    for number, staff in enumerate((clinic.asha, clinic.ravi), 1):
        input = hold_input(clinic.visit, start, staff)
        await shop.api.signed_in(other).do("holdBooking", input, "booking { id }")
        await subscriber.received(number)  # before the next, or both could be one change
    first, second = subscriber.changes
    (times,) = first["times"]
    assert not first["anyTime"]
    assert datetime.fromisoformat(times["startsFrom"]) == start - REACH
    assert datetime.fromisoformat(times["startsBefore"]) == start + REACH
    now = await read(shop, clinic, customer)
    gone = {one["startsAt"] for one in seen["slots"]} - {one["startsAt"] for one in now["slots"]}
    assert [datetime.fromisoformat(one) for one in gone] == [start]
    resumed = await follow(shop, clinic, customer, first["cursor"])
    assert (await resumed.received(1))[0]["cursor"] == second["cursor"]


async def test_changes_of_hours_arrive_and_those_of_other_services_do_not(
    shop: Shop, world: World
) -> None:
    clinic = await Clinic.open(world)
    seen = await read(shop, clinic, shop.customer)
    subscriber = await follow(shop, clinic, shop.customer, seen["cursor"])
    await subscriber.connected()
    async with shop.entries() as session:
        announce(session, clinic.vendor.id, ServiceChanged(clinic.yoga.id))
        announce(session, clinic.vendor.id, ResourceChanged(clinic.asha.id))
    (change,) = await subscriber.received(1)
    assert (change["anyTime"], change["times"]) == (True, [])


async def test_drafts_are_followed_by_no_customer(shop: Shop, world: World) -> None:
    clinic = await Clinic.open(world, state=ServiceState.DRAFT)
    refused = await follow(shop, clinic, shop.customer, "")
    await refused.ended()
    assert refused.codes == ["NOT_FOUND"]
