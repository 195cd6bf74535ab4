"""Vaccinations: kept by the owner of a pet."""

from uuid import UUID

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.pets.pets import Pet
from models.pets.vaccinations import (
    MAX_VACCINATIONS,
    Vaccination,
    VaccinationDraft,
    VaccinationLimitReached,
)
from services import idempotency
from services.pets.access import access_own_pet
from services.pets.pets import announce, latest_day
from services.viewer import Viewer


async def create_vaccination(
    session: AsyncSession,
    viewer: Viewer,
    draft: VaccinationDraft,
    *,
    pet_id: UUID,
    idempotency_key: str,
) -> Vaccination:
    """Add a vaccination to a pet, once per idempotency key. Raises `VaccinationLimitReached`.

    The pet is locked, so that two requests at once cannot exceed the limit.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "saveVaccination",
        idempotency_key,
        pet_id=pet_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await _access(session, viewer, claimed.replayed))[1]
    draft.ensure_past(latest_day())
    pet = await access_own_pet(session, viewer, pet_id, change=True)
    pet.ensure_active()
    counted = select(func.count()).where(Vaccination.pet_id == pet.id)
    if (await session.exec(counted)).one() >= MAX_VACCINATIONS:
        raise VaccinationLimitReached(most=MAX_VACCINATIONS)
    vaccination = Vaccination(pet_id=pet.id, **draft.model_dump())
    session.add(vaccination)
    announce(session, pet)
    await idempotency.record_result(session, claimed, vaccination.id)
    return vaccination


async def update_vaccination(
    session: AsyncSession, viewer: Viewer, draft: VaccinationDraft, *, vaccination_id: UUID
) -> Vaccination:
    """Replace the values of a vaccination. Another due day has a reminder of its own."""
    draft.ensure_past(latest_day())
    pet, vaccination = await _access(session, viewer, vaccination_id)
    pet.ensure_active()
    for name, value in draft.model_dump().items():
        setattr(vaccination, name, value)
    announce(session, pet)
    return vaccination


async def remove_vaccination(session: AsyncSession, viewer: Viewer, *, vaccination_id: UUID) -> Pet:
    """Remove a vaccination, and return its pet."""
    pet, vaccination = await _access(session, viewer, vaccination_id)
    await session.delete(vaccination)
    announce(session, pet)
    return pet


async def _access(
    session: AsyncSession, viewer: Viewer, vaccination_id: UUID
) -> tuple[Pet, Vaccination]:
    """Return a vaccination of a pet of the viewer. Both are locked. Raises `NotFound`."""
    viewer.require_user()
    rows = select(Vaccination).where(Vaccination.id == vaccination_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    pet = await access_own_pet(session, viewer, found.pet_id, change=True)
    vaccination = (await session.exec(for_change(rows))).first()
    if vaccination is None:
        raise NotFound
    return pet, vaccination
