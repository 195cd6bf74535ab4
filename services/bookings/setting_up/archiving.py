"""Bookings of services that could be archived, before they are."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import and_, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.setting_up.services import Service, ServiceState
from services.bookings.access import managed_services
from services.viewer import Viewer


async def count_bookings_to_come(
    session: AsyncSession, viewer: Viewer, service_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    """Count the bookings to come of services that the viewer manages and that are not archived."""
    if viewer.optional_user_id is None:
        return {}
    managed: Any = managed_services(viewer).with_only_columns(col(Service.id))
    to_come = and_(
        col(Booking.service_id) == col(Service.id),
        col(Booking.state).in_(OCCUPYING),
        col(Booking.starts_at) > now(),
    )
    rows = (
        select(Service.id, func.count(col(Booking.id)))
        .outerjoin(Booking, to_come)
        .where(
            col(Service.id).in_(service_ids),
            col(Service.id).in_(managed),
            Service.state != ServiceState.ARCHIVED,
        )
        .group_by(col(Service.id))
    )
    return dict((await session.exec(rows)).all())
