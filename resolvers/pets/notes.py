"""Root fields of vendors' private notes about pets."""

import strawberry
from strawberry import relay

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.pets import sharing as rows
from schema.pets.inputs import (
    DeletedNoteId,
    PetNoteId,
    SavePetNoteInput,
    note_draft,
    required,
    required_key,
)
from schema.pets.types import PetNote
from services.pets import notes


@strawberry.type
class PetNoteMutation:
    @mutation(
        note=PetNote,
        raises=(InvalidInput, NotFound, rows.PetNoteLimitReached, *KEYED),
    )
    async def save_pet_note(self, info: Info, input: SavePetNoteInput) -> rows.PetNote:
        """Add a private note about a pet that the vendor has a booking for, or that is shared with
        it, or change one. Requires the vendor's STAFF role or higher.
        """
        draft = note_draft(input)
        async with info.context.transaction() as session:
            viewer = info.context.viewer
            if input.note_id is not None:
                return await notes.update_note(session, viewer, draft, note_id=input.note_id)
            return await notes.create_note(
                session,
                viewer,
                draft,
                pet_id=required(input.pet_id, "petId"),
                vendor_id=required(input.vendor_id, "vendorId"),
                idempotency_key=required_key(input.idempotency_key),
            )

    @mutation(deleted_id=DeletedNoteId, raises=(NotFound,), repeatable="refuses a removed note")
    async def remove_pet_note(self, info: Info, note_id: PetNoteId) -> relay.GlobalID:
        """Remove a private note about a pet. Requires the vendor's STAFF role or higher."""
        async with info.context.transaction() as session:
            await notes.remove_note(session, info.context.viewer, note_id=note_id)
        return relay.GlobalID("PetNote", str(note_id))
