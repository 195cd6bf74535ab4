"""The records of pets that their owners share with vendors, and vendors' notes about pets."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key
from models.errors import Refusal
from models.personal_data import delete_rows
from models.text import Paragraphs

MAX_SHARED = 50  # vendors of a pet
MAX_NOTES = 500  # of a vendor about a pet
MAX_NOTE_LENGTH = 4_000
PetNoteText = Annotated[str, Paragraphs(MAX_NOTE_LENGTH)]


class PetConsent(Row, table=True):
    """The consent of a pet's owner that a vendor's members read its records. Deleted to revoke."""

    __tablename__ = "pet_consent"
    __table_args__ = (
        UniqueConstraint("pet_id", "vendor_id"),
        Index("pet_consent_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = delete_rows(of="pet_id")

    pet_id: UUID = foreign_key("pet", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)


class PetNote(Row, table=True):
    """A private note of a vendor about a pet, which its members alone read.

    It is erased with the account of the pet's owner, and not part of their export.
    """

    __tablename__ = "pet_note"
    __table_args__ = (
        CheckConstraint(f"char_length(text) BETWEEN 1 AND {MAX_NOTE_LENGTH}", name="text"),
        Index("pet_note_pet_id_idx", "pet_id", "vendor_id", "created_at", "id"),
        Index("pet_note_vendor_id_idx", "vendor_id"),
    )
    __privacy__ = delete_rows(of="pet_id", secrets="text")

    pet_id: UUID = foreign_key("pet", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)
    author_id: UUID = foreign_key("user")
    text: PetNoteText = Field(max_length=MAX_NOTE_LENGTH)


class PetNoteDraft(BaseModel, frozen=True):
    """Validated input of a note."""

    text: PetNoteText


class PetSharingLimitReached(Refusal):
    message = "The records of a pet can be shared with at most {most} businesses."
    meaning = "The records of the pet are shared with the maximum number of vendors."
    remedy = "List the vendors, so that the user can end the sharing with one."


class PetNoteLimitReached(Refusal):
    message = "A business can have at most {most} notes about a pet. Remove one first."
    meaning = "The vendor has the maximum number of notes about the pet."
    remedy = "List the notes, so that the user can remove one."
