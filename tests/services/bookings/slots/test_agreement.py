"""Holds accept exactly the starts that lists offer, at any minute of any clinic."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from models.bookings.claims import Claim, SlotTaken
from models.bookings.classes import MeetingFull
from models.bookings.setting_up.resources import Resource, ResourceKind
from models.bookings.setting_up.services import Service, SlotAnchor
from models.bookings.slots import SlotNotOffered
from services.bookings.slots.listing import WantedSlots, list_slots
from services.bookings.slots.offering import offered
from tests.factories.bookings import at, workday
from tests.factories.world import World

MINUTES = 250
ZONES = ["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Africa/Lagos"]


async def random_clinic(world: World, random: Random, zone: str) -> Service:
    """Return a service with staff and rooms of random hours, and claims all over two days."""
    vendor = await world.vendor(time_zone=zone)
    kinds = [ResourceKind.STAFF] * 3 + [ResourceKind.ROOM] * 2
    resources = [await _resource(world, random, vendor, kind) for kind in kinds]
    service = await world.service(
        vendor,
        *resources,
        duration=random.choice([25, 40, 60]),
        step=random.choice([10, 15, 25]),
        anchor=random.choice(list(SlotAnchor)),
        buffer_before=random.choice([0, 5, 15]),
        buffer_after=random.choice([0, 10, 20]),
        notice=random.choice([0, 600]),
    )
    start = at(workday(1, zone), 6, zone=zone)
    for resource in resources:
        await _take(world, random, resource, start)
    return service


async def _resource(world: World, random: Random, vendor: Any, kind: ResourceKind) -> Resource:
    lanes = random.choice([1, 2]) if kind is ResourceKind.ROOM else 1
    resource = await world.resource(vendor, kind, lanes=lanes)
    opens, closes = 5 * random.randrange(90, 120), 5 * random.randrange(180, 230)
    lunch = random.randrange(720, 780)
    spans = [
        [weekday, *span]
        for weekday in range(1, 8)
        for span in [(opens, lunch), (lunch + 30, closes)]
    ]
    await world.schedule(resource, spans=spans)
    return resource


async def _take(world: World, random: Random, resource: Resource, start: datetime) -> None:
    block = await world.time_block(resource, start - timedelta(hours=2), start)
    rows = []
    for lane in range(resource.lanes):
        minute = random.randrange(0, 120)
        while minute < 36 * 60:
            length = random.randrange(10, 60)
            first = start + timedelta(minutes=minute)
            rows.append(
                Claim(
                    resource_id=resource.id,
                    lane=lane,
                    block_id=block.id,
                    blocked_from=first,
                    blocked_until=first + timedelta(minutes=length),
                )
            )
            minute += length + random.choice([0, 60, 150, 240])
    await world.save(*rows)


@pytest.mark.parametrize("zone", ZONES)
async def test_a_start_is_accepted_if_and_only_if_it_is_listed(world: World, zone: str) -> None:
    random = Random(zone)
    service = await random_clinic(world, random, zone)
    first = at(workday(1, zone), 6, zone=zone)
    end, visits = first + timedelta(days=1), random.choice([1, 2])
    async with world.database.session() as session:
        listed = await list_slots(session, service, first, end, WantedSlots(visits=visits))
        starts = {slot.starts_at: set(slot.staff_ids) for slot in listed}
        assert starts
        every = [first + timedelta(minutes=n) for n in range(24 * 60)]
        for start in {*random.sample(every, MINUTES), *list(starts)[:20]}:
            try:
                offer = await offered(session, service, start, pets=visits)
            except (SlotNotOffered, SlotTaken, MeetingFull):
                assert start not in starts
            else:
                assert {one.resource_id for one in offer.staff} == starts[start]
