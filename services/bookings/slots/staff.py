"""The staff of slots, in their order."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import connection_of
from models.bookings.setting_up.resources import Resource
from services.viewer import Viewer

RESOURCES = Statement(select(*columns_of(Resource)).where(any_of(col(Resource.id))), Resource)


async def find_staff(
    session: AsyncSession, _: Viewer, slots: Sequence[tuple[UUID, ...]]
) -> Mapping[tuple[UUID, ...], Sequence[Resource]]:
    """Return the staff with these ids. Slots that must not name them have none."""
    ids = {id for of_slot in slots for id in of_slot}
    rows = await RESOURCES.fetch(await connection_of(session), **{KEYS: list(ids)})
    found = {one.id: one for one in rows}
    return {of_slot: [found[id] for id in of_slot if id in found] for of_slot in slots}
