"""Inputs of pets and their records."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from engine.ids import id_field, id_of
from engine.types import column, optional
from models.errors import InvalidInput
from models.pets.pets import MAX_BREED_LENGTH, MAX_SPECIES_LENGTH, MAX_WEIGHT_G, PetDraft
from models.pets.sharing import MAX_NOTE_LENGTH, PetNoteDraft
from models.pets.vaccinations import MAX_VACCINATION_LENGTH, VaccinationDraft
from models.validation import parse
from services.pets.photos import PhotoChoice

PetId = Annotated[UUID, id_of("Pet", "The pet's id.")]
VaccinationId = Annotated[UUID, id_of("Vaccination", "The vaccination's id.")]
PetNoteId = Annotated[UUID, id_of("PetNote", "The note's id.")]
Archived = Annotated[
    bool, strawberry.argument(description="Whether to list archived pets instead of the others.")
]
DeletedNoteId = Annotated[relay.GlobalID, "The id of the removed note."]
NEW_KEY = (
    "A unique key of at most 100 characters, which a new one requires. A retry with the same key"
    " and input returns the first request's {row}."
)


@strawberry.input(
    description="A pet as a whole: values that are left out are removed, except for the photo."
)
class SavePetInput:
    name: str = column("The name, at most 80 characters on one line. No web address.")
    species: str = column(
        f"The species: a code of at most {MAX_SPECIES_LENGTH} lower-case Latin letters, digits and"
        " hyphens, such as `dog`, `cat`, `rabbit` or `guinea-pig`."
    )
    pet_id: UUID | None = id_field("Pet", "The pet to change. A new one if omitted.", default=None)
    breed: str | None = optional(f"The breed, at most {MAX_BREED_LENGTH} characters.")
    born_on: date | None = optional("The day on which it was born, since 1900.")
    weight_g: int | None = optional(f"The weight in grams, 1 to {MAX_WEIGHT_G}.")
    photo_upload_id: UUID | None = id_field(
        "Upload",
        "The photo: the id of a READY upload of the viewer with the purpose PICTURE. It replaces"
        " the former photo, which is deleted. Null removes it, and omitted it stays.",
        default=UNSET,
    )
    idempotency_key: str | None = optional(NEW_KEY.format(row="pet"))


@strawberry.input(description="A vaccination as a whole. At least one of the days is required.")
class SaveVaccinationInput:
    name: str = column(f"The name, at most {MAX_VACCINATION_LENGTH} characters.")
    pet_id: UUID | None = id_field("Pet", "The pet of a new vaccination.", default=None)
    vaccination_id: UUID | None = id_field(
        "Vaccination", "The vaccination to change. A new one of `petId` if omitted.", default=None
    )
    given_on: date | None = optional("The day on which it was given, not in the future.")
    due_on: date | None = optional(
        "The day on which it, or the next one, is due: after the other day."
    )
    idempotency_key: str | None = optional(NEW_KEY.format(row="vaccination"))


@strawberry.input(description="A private note of a vendor about a pet.")
class SavePetNoteInput:
    text: str = column(f"The text, at most {MAX_NOTE_LENGTH} characters.")
    pet_id: UUID | None = id_field("Pet", "The pet of a new note.", default=None)
    vendor_id: UUID | None = id_field("Vendor", "The vendor of a new note.", default=None)
    note_id: UUID | None = id_field(
        "PetNote",
        "The note to change. A new one about `petId`, of `vendorId`, if omitted.",
        default=None,
    )
    idempotency_key: str | None = optional(NEW_KEY.format(row="note"))


def pet_draft(input: SavePetInput) -> PetDraft:
    values = {name: getattr(input, name) for name in PetDraft.model_fields}
    return parse(PetDraft, **values)


def photo_choice(input: SavePetInput) -> PhotoChoice:
    given = input.photo_upload_id
    return PhotoChoice() if given is UNSET else PhotoChoice(keep=False, upload_id=given)


def vaccination_draft(input: SaveVaccinationInput) -> VaccinationDraft:
    values = {name: getattr(input, name) for name in VaccinationDraft.model_fields}
    return parse(VaccinationDraft, **values)


def note_draft(input: SavePetNoteInput) -> PetNoteDraft:
    return parse(PetNoteDraft, text=input.text)


def required(value: UUID | None, field: str) -> UUID:
    """Return an id that a new row needs. Raises `InvalidInput` without it."""
    if value is None:
        raise InvalidInput("A new one needs this id.", field=[field])
    return value


def required_key(key: str | None) -> str:
    """Return the key that a new row needs. Raises `InvalidInput` without it."""
    if key is None:
        raise InvalidInput("A new one needs a key.", field=["idempotencyKey"])
    return key
