"""Two statements read the slots of any number of staff, and the claims come from an index alone."""

from datetime import timedelta

import pytest

from models.bookings.services import Service
from services.bookings.slots.listing import WantedSlots, count_slots, list_slots
from services.bookings.slots.offering import offered
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import captured


@pytest.fixture
async def clinic(world: World) -> Clinic:
    clinic = await Clinic.open(world)
    await clinic.booking()
    return clinic


async def sent_for(clinic: Clinic, service: Service, days: int) -> list[tuple[str, tuple[object]]]:
    """Return the statements, and their values, that a list of slots takes."""
    day, first = clinic.day(), clinic.at(0)
    async with clinic.world.database.session() as session:
        await session.connection()
        with captured() as sent:
            if days > 7:
                until = day + timedelta(days=days)
                zone = clinic.vendor.time_zone
                await count_slots(session, service, day, until, zone, WantedSlots())
            else:
                await list_slots(session, service, first, first + timedelta(days), WantedSlots())
    return [one for one in sent if one[0] != "SELECT 1"]


@pytest.mark.parametrize("days", [1, 31])
async def test_slots_take_two_statements_whatever_the_number_of_staff(
    clinic: Clinic, days: int
) -> None:
    few = await sent_for(clinic, clinic.visit, days)
    assert len(few) == 2
    for _ in range(12):
        await clinic.world.service_resource(clinic.visit, await clinic.world.working(clinic.vendor))
    many = await sent_for(clinic, clinic.visit, days)
    assert [statement for statement, _ in many] == [statement for statement, _ in few]


async def test_a_start_takes_two_statements_and_a_class_three(clinic: Clinic) -> None:
    async with clinic.world.database.session() as session:
        await session.connection()
        for service, expected in ((clinic.visit, 2), (clinic.yoga, 3)):
            with captured() as sent:
                await offered(session, service, clinic.at(11))
            assert len([one for one in sent if one[0] != "SELECT 1"]) == expected


async def test_claims_are_read_from_their_index_alone(clinic: Clinic) -> None:
    _, (statement, values) = await sent_for(clinic, clinic.visit, 31)
    async with clinic.world.database.engine.connect() as connection:
        # The table of a test is so small that PostgreSQL would read it as a whole.
        for setting in ("enable_seqscan", "enable_bitmapscan"):
            await connection.exec_driver_sql(f"SET LOCAL {setting} = off")
        plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        lines = "\n".join(plan.scalars())
    assert "Index Only Scan using claim_resource_id_idx on claim" in lines
