"""The pet that a booking is for: one of the user's, of a species that the service takes."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from core.database import for_reliance
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.bookings.drafts import PetRequired
from models.bookings.setting_up.services import Service
from models.errors import NotFound
from models.pets.pets import Pet

OWN = Statement(
    for_reliance(
        select(*columns_of(Pet)).where(
            col(Pet.id) == bindparam("id"), col(Pet.user_id) == bindparam("user_id")
        )
    ),
    Pet,
)


async def ensure_pet(
    unit: UnitOfWork, user_id: UUID | None, pet_id: UUID | None, service: Service
) -> None:
    """Ensure that a booking of a service can be for a pet of a user, or for none.

    The pet stays as it is until the commit. Raises `PetRequired`, `NotFound`, `PetArchived` and
    `PetNotTaken`.
    """
    if pet_id is None:
        if service.needs_pet:
            raise PetRequired(field=["petId"])
        return
    pet = await OWN.fetch_one(await connection_of(unit), id=pet_id, user_id=user_id)
    if pet is None:
        raise NotFound(field=["petId"])
    pet.ensure_taken(service.species)
