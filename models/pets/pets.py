"""Pets: their profiles, and whether a service takes them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from core.text.slugs import SLUG_PATTERN
from models.base import Row, foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.personal_data import blank_values
from models.text import Name, OneLine, one_line_constraint

MAX_PETS = 20  # of a user, without archived ones
MAX_KEPT_PETS = 100  # with them
MAX_SPECIES_LENGTH = 40
MAX_BREED_LENGTH = 80
MAX_WEIGHT_G = 5_000_000
FIRST_BIRTHDAY = date(1900, 1, 1)
MONTHS = 12
Species = Annotated[
    str, StringConstraints(max_length=MAX_SPECIES_LENGTH, pattern=f"^{SLUG_PATTERN}$")
]
Breed = Annotated[str, OneLine(MAX_BREED_LENGTH)]


class Pet(Row, table=True):
    """A pet of a user. `species` is a code of an open list, such as `dog` or `guinea-pig`.

    Members of a vendor see it from a booking of it on, and its records with the owner's consent. An
    archived pet cannot be booked for, and stays in the bookings that it had.
    """

    __table_args__ = (
        one_line_constraint("name"),
        one_line_constraint("breed"),
        CheckConstraint("char_length(name) <= 80", name="name"),
        CheckConstraint(f"species ~ '^{SLUG_PATTERN}$'", name="species"),
        CheckConstraint(f"born_on >= '{FIRST_BIRTHDAY}'", name="born_on"),
        CheckConstraint(f"weight_g BETWEEN 1 AND {MAX_WEIGHT_G}", name="weight_g"),
        Index("pet_user_id_idx", "user_id", "created_at", "id"),
    )
    __privacy__ = blank_values(
        personal="name breed born_on weight_g", none="species", blank={"name": "'Pet'"}
    )

    user_id: UUID = foreign_key("user", index=False)
    name: Name
    species: str = Field(max_length=MAX_SPECIES_LENGTH)
    breed: Breed | None = Field(default=None, max_length=MAX_BREED_LENGTH)
    born_on: date | None = None
    weight_g: int | None = None
    archived_at: datetime | None = timestamp(default=None)

    @property
    def active(self) -> bool:
        return self.archived_at is None

    def age_months(self, today: date) -> int | None:
        """Return the age in whole months on a day, None if it is not known."""
        if self.born_on is None:
            return None
        born = self.born_on
        months = (today.year - born.year) * MONTHS + today.month - born.month
        return max(0, months - (today.day < born.day))

    def ensure_active(self) -> None:
        if not self.active:
            raise PetArchived

    def ensure_taken(self, species: Collection[str]) -> None:
        """Raise `PetNotTaken` unless a service with these species, or with none, takes it."""
        self.ensure_active()
        if species and self.species not in species:
            raise PetNotTaken


class PetDraft(BaseModel, frozen=True):
    """Validated input of a pet as a whole."""

    name: Name
    species: Species
    breed: Breed | None = None
    born_on: date | None = None
    weight_g: Annotated[int, Range(ge=1, le=MAX_WEIGHT_G)] | None = None

    @model_validator(mode="after")
    def ensure_birthday(self) -> Self:
        if self.born_on is not None and self.born_on < FIRST_BIRTHDAY:
            raise InvalidInput("Enter a day since 1900.", field=["bornOn"])
        return self

    def ensure_born(self, today: date) -> None:
        """Raise `InvalidInput` if the birthday is after a day, which is the latest one on earth."""
        if self.born_on is not None and self.born_on > today:
            raise InvalidInput("Enter a day that is not in the future.", field=["bornOn"])


class PetLimitReached(Refusal):
    message = "You can have at most {most} pets. Archive one first."
    meaning = (
        f"The user has {MAX_PETS} pets that are not archived, or {MAX_KEPT_PETS} with archived"
        " ones."
    )
    remedy = "List the pets, so that the user can archive or restore one."


class PetArchived(Refusal):
    message = "This pet is archived. Restore it first."
    meaning = "An archived pet cannot be booked for, changed or shared."
    remedy = "Offer to call `restorePet`."


class PetNotTaken(Refusal):
    message = "This service is not for pets of this species. Choose another pet or service."
    meaning = "The service takes other species only: its `takesSpecies`."
    remedy = "Offer the user's pets of the service's `takesSpecies`."
