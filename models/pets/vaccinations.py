"""Vaccinations of pets, and the reminders of those that become due."""

from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from models.base import Row, foreign_key
from models.errors import InvalidInput, Refusal
from models.personal_data import delete_rows
from models.pets.pets import FIRST_BIRTHDAY
from models.text import OneLine, one_line_constraint

MAX_VACCINATIONS = 100  # of a pet
MAX_VACCINATION_LENGTH = 80
REMINDER_DAYS = 14  # before it is due
REMINDER_HOURS = range(9, 20)  # of the owner's day
MAX_YEARS_AHEAD = 30
VaccinationName = Annotated[str, OneLine(MAX_VACCINATION_LENGTH)]


class Vaccination(Row, table=True):
    """A vaccination that a pet got, or will get, and the day on which the next one is due.

    `reminded_for` is the due day of the last reminder, and `reminders` counts them: another due day
    has a reminder of its own.
    """

    __table_args__ = (
        one_line_constraint("name"),
        CheckConstraint("num_nonnulls(given_on, due_on) > 0", name="days"),
        CheckConstraint("due_on > given_on", name="due_on"),
        CheckConstraint(f"least(given_on, due_on) >= '{FIRST_BIRTHDAY}'", name="given_on"),
        CheckConstraint("reminders >= 0", name="reminders"),
        Index("vaccination_pet_id_idx", "pet_id", "created_at", "id"),
        Index("vaccination_due_on_idx", "due_on", "id"),
    )
    __privacy__ = delete_rows(
        of="pet_id", personal="name given_on due_on reminded_for", none="reminders"
    )

    pet_id: UUID = foreign_key("pet", index=False)
    name: VaccinationName = Field(max_length=MAX_VACCINATION_LENGTH)
    given_on: date | None = None
    due_on: date | None = None
    reminded_for: date | None = None
    reminders: int = 0

    def is_reminder_due(self, today: date) -> bool:
        """Return whether the owner, for whom it is this day, is to be reminded."""
        if self.due_on is None or self.reminded_for == self.due_on:
            return False
        return today <= self.due_on <= today + timedelta(days=REMINDER_DAYS)

    def count_reminder(self) -> None:
        self.reminded_for, self.reminders = self.due_on, self.reminders + 1


class VaccinationDraft(BaseModel, frozen=True):
    """Validated input of a vaccination as a whole."""

    name: VaccinationName
    given_on: date | None = None
    due_on: date | None = None

    @model_validator(mode="after")
    def ensure_days(self) -> Self:
        if self.given_on is None and self.due_on is None:
            raise InvalidInput(
                "Enter the day on which it was given, or on which it is due.", field=["givenOn"]
            )
        if self.given_on is not None and self.given_on < FIRST_BIRTHDAY:
            raise InvalidInput("Enter a day since 1900.", field=["givenOn"])
        if self.due_on is not None and self.due_on <= (self.given_on or FIRST_BIRTHDAY):
            raise InvalidInput(
                "The next one is due after the day on which it was given.", field=["dueOn"]
            )
        return self

    def ensure_past(self, today: date) -> None:
        """Raise `InvalidInput` if it was given after a day, or is due decades after it."""
        if self.given_on is not None and self.given_on > today:
            raise InvalidInput("Enter a day that is not in the future.", field=["givenOn"])
        last = today + timedelta(days=366 * MAX_YEARS_AHEAD)
        if self.due_on is not None and self.due_on > last:
            raise InvalidInput(
                "Enter a day in the next {years} years.", years=MAX_YEARS_AHEAD, field=["dueOn"]
            )


class VaccinationLimitReached(Refusal):
    message = "A pet can have at most {most} vaccinations. Remove one first."
    meaning = "The pet has the maximum number of vaccinations."
    remedy = "List the vaccinations, so that the user can remove one."
