"""Pets: saved, archived and restored by their owners."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.pets.pets import MAX_KEPT_PETS, MAX_PETS, Pet, PetDraft, PetLimitReached
from services import idempotency
from services.journal import append as journal
from services.journal.topics import user_topic
from services.pets.access import access_own_pet, lock_owner
from services.pets.entries import PetUpdated
from services.pets.photos import PhotoChoice, set_photo
from services.viewer import Viewer

EARLIEST_ZONE = timedelta(hours=14)  # ahead of UTC


async def create_pet(
    session: AsyncSession,
    viewer: Viewer,
    draft: PetDraft,
    photo: PhotoChoice,
    *,
    idempotency_key: str,
) -> Pet:
    """Add a pet, once per idempotency key. Raises `PetLimitReached` and `InvalidInput`.

    The user is locked, so that two requests at once cannot exceed the limit.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "savePet",
        idempotency_key,
        draft=draft.model_dump(),
        photo=photo,
    )
    if claimed.replayed:
        return await access_own_pet(session, viewer, claimed.replayed)
    draft.ensure_born(latest_day())
    user_id = await lock_owner(session, viewer)
    await _ensure_room(session, user_id, new=True)
    pet = Pet(user_id=user_id, **draft.model_dump())
    session.add(pet)
    await set_photo(session, pet, photo)
    announce(session, pet)
    await idempotency.record_result(session, claimed, pet.id)
    return pet


async def update_pet(
    session: AsyncSession, viewer: Viewer, draft: PetDraft, photo: PhotoChoice, *, pet_id: UUID
) -> Pet:
    """Replace the values of a pet. Raises `PetArchived` and `InvalidInput`."""
    draft.ensure_born(latest_day())
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    pet.ensure_active()
    for name, value in draft.model_dump().items():
        setattr(pet, name, value)
    await set_photo(session, pet, photo)
    announce(session, pet)
    return pet


async def archive_pet(session: AsyncSession, viewer: Viewer, *, pet_id: UUID) -> Pet:
    """Archive a pet: it cannot be booked for any more. Its bookings and records stay."""
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    if pet.active:
        pet.archived_at = now()
        announce(session, pet)
    return pet


async def restore_pet(session: AsyncSession, viewer: Viewer, *, pet_id: UUID) -> Pet:
    """Restore an archived pet. Raises `PetLimitReached`."""
    user_id = await lock_owner(session, viewer)
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    if not pet.active:
        await _ensure_room(session, user_id, new=False)
        pet.archived_at = None
        announce(session, pet)
    return pet


def announce(session: AsyncSession, pet: Pet) -> None:
    """Append a change of a pet or its records to the topic of its owner."""
    journal.append(session, PetUpdated(pet.id), to=[user_topic(pet.user_id)])


def latest_day() -> date:
    """Return the day that it is where it is the latest: no day of a user is after it."""
    return (now() + EARLIEST_ZONE).date()


async def _ensure_room(session: AsyncSession, user_id: UUID, *, new: bool) -> None:
    active = func.count().filter(col(Pet.archived_at).is_(None))
    counted = select(active, func.count()).where(Pet.user_id == user_id)
    pets, kept = (await session.exec(counted)).one()
    if pets >= MAX_PETS:
        raise PetLimitReached(most=MAX_PETS)
    if new and kept >= MAX_KEPT_PETS:
        raise PetLimitReached(most=MAX_KEPT_PETS)
