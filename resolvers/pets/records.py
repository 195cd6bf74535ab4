"""Root fields of pets' records: vaccinations, and their sharing with vendors."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.pets import vaccinations as rows
from models.pets.pets import Pet as PetRow
from models.pets.pets import PetArchived
from models.pets.sharing import PetSharingLimitReached
from schema.pets.inputs import (
    PetId,
    SaveVaccinationInput,
    VaccinationId,
    required,
    required_key,
    vaccination_draft,
)
from schema.pets.types import Pet, Vaccination
from schema.vendors.inputs import VendorId
from services.pets import sharing, vaccinations


@strawberry.type
class PetRecordMutation:
    @mutation(
        vaccination=Vaccination,
        raises=(InvalidInput, NotFound, PetArchived, rows.VaccinationLimitReached, *KEYED),
    )
    async def save_vaccination(self, info: Info, input: SaveVaccinationInput) -> rows.Vaccination:
        """Add a vaccination to a pet of the viewer, at most 100, or change one. The viewer is
        reminded in the two weeks before it is due, by day and outside of their quiet hours.
        """
        draft = vaccination_draft(input)
        async with info.context.transaction() as session:
            viewer = info.context.viewer
            if input.vaccination_id is not None:
                return await vaccinations.update_vaccination(
                    session, viewer, draft, vaccination_id=input.vaccination_id
                )
            return await vaccinations.create_vaccination(
                session,
                viewer,
                draft,
                pet_id=required(input.pet_id, "petId"),
                idempotency_key=required_key(input.idempotency_key),
            )

    @mutation(pet=Pet, raises=(NotFound,), repeatable="refuses a removed vaccination")
    async def remove_vaccination(self, info: Info, vaccination_id: VaccinationId) -> PetRow:
        """Remove a vaccination from a pet of the viewer."""
        async with info.context.transaction() as session:
            return await vaccinations.remove_vaccination(
                session, info.context.viewer, vaccination_id=vaccination_id
            )

    @mutation(
        pet=Pet,
        personal=True,
        raises=(NotFound, PetArchived, PetSharingLimitReached),
        repeatable="sets a state",
    )
    async def share_pet(self, info: Info, pet_id: PetId, vendor_id: VendorId) -> PetRow:
        """Share the records of a pet of the viewer with a vendor, with at most 50: its members with
        the STAFF role or higher see the day of birth, the photo and the vaccinations.
        """
        async with info.context.transaction() as session:
            return await sharing.share_pet(
                session, info.context.viewer, pet_id=pet_id, vendor_id=vendor_id
            )

    @mutation(pet=Pet, personal=True, raises=(NotFound,), repeatable="sets a state")
    async def unshare_pet(self, info: Info, pet_id: PetId, vendor_id: VendorId) -> PetRow:
        """End the sharing of a pet's records with a vendor, at once."""
        async with info.context.transaction() as session:
            return await sharing.unshare_pet(
                session, info.context.viewer, pet_id=pet_id, vendor_id=vendor_id
            )
