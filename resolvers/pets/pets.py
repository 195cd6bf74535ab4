"""Root fields of pets: saved and listed by their owners."""

from typing import Any

import strawberry

from core.keyset import Listing
from dataloaders.pets import visible_pet
from engine.connections import LiveConnection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.pets import pets as rows
from schema.pets.inputs import (
    Archived,
    PetId,
    SavePetInput,
    pet_draft,
    photo_choice,
    required_key,
)
from schema.pets.types import Pet
from services.pets import pets
from services.pets.access import list_pets


@strawberry.type
class PetQuery:
    @connection(
        LiveConnection[Pet], "The viewer's own pets, newest first. Subscription: `petChanges`."
    )
    def pets(self, info: Info, archived: Archived = False) -> Listing[Any]:
        return list_pets(info.context.viewer, archived=archived)

    @field("A pet. Null for an unknown one, and for one that the viewer does not see.")
    async def pet(self, info: Info, id: PetId) -> Pet | None:
        return Pet.wrap_optional(await info.context.loaders[visible_pet].load(id))


@strawberry.type
class OwnPetMutation:
    @mutation(
        pet=Pet,
        raises=(InvalidInput, NotFound, rows.PetLimitReached, rows.PetArchived, *KEYED),
    )
    async def save_pet(self, info: Info, input: SavePetInput) -> rows.Pet:
        """Add a pet to the viewer's, who can have at most 20, or change one."""
        draft, photo = pet_draft(input), photo_choice(input)
        async with info.context.transaction() as session:
            viewer = info.context.viewer
            if input.pet_id is not None:
                return await pets.update_pet(session, viewer, draft, photo, pet_id=input.pet_id)
            key = required_key(input.idempotency_key)
            return await pets.create_pet(session, viewer, draft, photo, idempotency_key=key)

    @mutation(pet=Pet, raises=(NotFound,), repeatable="sets a state")
    async def archive_pet(self, info: Info, pet_id: PetId) -> rows.Pet:
        """Archive a pet of the viewer: it cannot be booked for any more. Its bookings and records
        stay, and no one is reminded of its vaccinations.
        """
        async with info.context.transaction() as session:
            return await pets.archive_pet(session, info.context.viewer, pet_id=pet_id)

    @mutation(pet=Pet, raises=(NotFound, rows.PetLimitReached), repeatable="sets a state")
    async def restore_pet(self, info: Info, pet_id: PetId) -> rows.Pet:
        """Restore an archived pet of the viewer."""
        async with info.context.transaction() as session:
            return await pets.restore_pet(session, info.context.viewer, pet_id=pet_id)
