"""Two statements read the slots of any number of staff, and the claims come from an index alone."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.database import Database
from models.bookings.claims import TimeBlock
from models.bookings.setting_up.services import Service, ServiceResource
from services.bookings.slots.listing import WantedSlots, count_slots, list_slots
from services.bookings.slots.offering import offered
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.counting import captured

STAFF, MONTH = 50, 31
# Twelve claims a day of each member of staff, for a month.
CLAIMS = text(
    """
    INSERT INTO claim (id, created_at, resource_id, block_id, lane, blocked_from, blocked_until)
    SELECT uuidv7(), now(), block.resource_id, block.id, 0, start, start + interval '30 minutes'
    FROM time_block AS block, generate_series(1, :days) AS day, generate_series(0, 11) AS n,
        LATERAL (SELECT block.ends_at + day * interval '1 day' + n * interval '40 minutes' AS start)
    """
)


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


async def add_staff(clinic: Clinic, service: Service, count: int) -> None:
    for _ in range(count):
        await clinic.world.service_resource(service, await clinic.world.working(clinic.vendor))


@pytest.mark.parametrize("days", [1, MONTH])
async def test_slots_of_fifty_staff_take_the_two_statements_of_one(
    clinic: Clinic, days: int
) -> None:
    service = await clinic.world.service(clinic.vendor, clinic.asha)
    one = await sent_for(clinic, service, days)
    assert len(one) == 2
    await add_staff(clinic, service, STAFF - 1)
    many = await sent_for(clinic, service, days)
    assert [statement for statement, _ in many] == [statement for statement, _ in one]


async def test_a_start_takes_two_statements_and_a_class_three(clinic: Clinic) -> None:
    async with clinic.world.database.session() as session:
        await session.connection()
        for service, expected in ((clinic.visit, 2), (clinic.yoga, 3)):
            with captured() as sent:
                await offered(session, service, clinic.at(11))
            assert len([one for one in sent if one[0] != "SELECT 1"]) == expected


async def test_a_month_of_claims_of_fifty_staff_is_read_from_the_index_alone(
    clinic: Clinic, superuser: Database
) -> None:
    """PostgreSQL knows the 18,600 claims, and prefers the index alone to its bitmap.

    It would read the table as a whole if it had the claims of no other month.
    """
    service = await clinic.world.service(clinic.vendor, clinic.ravi)
    await add_staff(clinic, service, STAFF - 1)
    async with clinic.world.database.session() as session:
        rows = select(ServiceResource.resource_id).where(ServiceResource.service_id == service.id)
        ids = (await session.exec(rows)).all()
    start = clinic.at(9) - timedelta(days=1)
    for id in ids:
        block = TimeBlock(resource_id=id, starts_at=start - timedelta(minutes=1), ends_at=start)
        await clinic.world.save(block)
    async with superuser.engine.connect() as connection:
        committed = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await committed.execute(CLAIMS, {"days": MONTH})
        await committed.execute(text("VACUUM ANALYZE claim"))
    _, (statement, values) = await sent_for(clinic, service, MONTH)
    async with clinic.world.database.engine.connect() as connection:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        lines = "\n".join(plan.scalars())
    assert "Index Only Scan using claim_resource_id_idx on claim" in lines
