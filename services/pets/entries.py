"""Journal entries of pets."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class PetUpdated(Entry, kind="pet.updated"):
    """A pet was added or changed, or its records were. Appended to the topic of its owner."""

    pet_id: UUID
