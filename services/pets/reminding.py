"""Reminders of vaccinations that become due, by day where the owner lives."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.identity.accounts import User, UserState
from models.notifications.inbox import NotificationKind
from models.notifications.preferences import QuietHours
from models.pets.pets import Pet
from models.pets.vaccinations import REMINDER_DAYS, REMINDER_HOURS, Vaccination
from services.notifications.inbox import notify

BATCH_SIZE = 100
_Later = aliased(Vaccination, name="later")


class DueReminders(NamedTuple):
    """A batch of vaccinations: those whose owners are to be reminded now, and the last one."""

    ids: Sequence[UUID]
    last: UUID | None


async def find_due(session: AsyncSession, after: UUID) -> DueReminders:
    """Return vaccinations whose owners are to be reminded now, of a batch after an id.

    The others of the batch wait for the morning of their owners, or for the end of quiet hours.
    """
    moment = now()
    rows = (
        select(Vaccination, User.time_zone, QuietHours)
        .join(Pet, col(Pet.id) == col(Vaccination.pet_id))
        .join(User, col(User.id) == col(Pet.user_id))
        .outerjoin(QuietHours, col(QuietHours.user_id) == col(User.id))
        .where(
            col(Vaccination.due_on).between(*_days(moment)),
            col(Vaccination.reminded_for).is_distinct_from(col(Vaccination.due_on)),
            col(Pet.archived_at).is_(None),
            User.state == UserState.ACTIVE,
            ~col(User.is_erased),
            ~_was_given_again(),
            col(Vaccination.id) > after,
        )
        .order_by(col(Vaccination.id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(rows)).all()
    ids = [one.id for one, zone, quiet in found if _is_time(one, zone, quiet, moment)]
    return DueReminders(ids, found[-1][0].id if len(found) == BATCH_SIZE else None)


async def remind(session: AsyncSession, vaccination_id: UUID) -> None:
    """Notify the owner of a pet of a vaccination, once for each due day.

    The job can run twice, and the owner can change it meanwhile: what counts is read again, under a
    lock.
    """
    rows = select(Vaccination).where(Vaccination.id == vaccination_id)
    vaccination = (await session.exec(for_change(rows))).first()
    if vaccination is None:
        return
    pet = await session.get_one(Pet, vaccination.pet_id)
    owner = await session.get_one(User, pet.user_id)
    quiet = await session.get(QuietHours, pet.user_id)
    if not pet.active or not _is_time(vaccination, owner.time_zone, quiet, now()):
        return
    vaccination.count_reminder()
    await notify(
        session,
        pet.user_id,
        NotificationKind.VACCINATION_DUE,
        vaccination.id,
        up_to_sequence=vaccination.reminders,
    )


def _days(moment: datetime) -> tuple[date, date]:
    """Return the first and the last due day of reminders at a moment, in any time zone."""
    today = moment.date()
    return today - timedelta(days=1), today + timedelta(days=REMINDER_DAYS + 1)


def _is_time(
    vaccination: Vaccination, zone: str | None, quiet: QuietHours | None, moment: datetime
) -> bool:
    """Return whether it is day for the owner, outside of quiet hours, and near the due day."""
    local = moment.astimezone(ZoneInfo(zone or (quiet.time_zone if quiet else "UTC")))
    if local.hour not in REMINDER_HOURS or (quiet and quiet.end_after(moment) > moment):
        return False
    return vaccination.is_reminder_due(local.date())


def _was_given_again() -> ColumnElement[bool]:
    """Match vaccinations of which the pet got a later one."""
    later = select(_Later.id).where(
        _Later.pet_id == Vaccination.pet_id,
        func.lower(_Later.name) == func.lower(Vaccination.name),
        col(_Later.given_on) > col(Vaccination.given_on),
    )
    return later.exists()
