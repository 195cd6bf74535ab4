"""Pets, their vaccinations, and who shares them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from core.clock import now
from dataloaders.bookings.booked import bookings_of_pet
from dataloaders.identity import user_by_id
from dataloaders.pets import (
    consents_of_pet,
    notes_of_pet,
    pet_by_id,
    photo_of_pet,
    sees_records,
    vaccinations_of_pet,
    visible_note,
    visible_pet,
    visible_vaccination,
)
from dataloaders.vendors import vendor_by_id
from engine.types import Rows, column, field, loaded, related, related_page
from models.pets import pets as rows
from models.pets.sharing import MAX_SHARED
from models.pets.sharing import PetConsent as ConsentRow
from models.pets.sharing import PetNote as NoteRow
from models.pets.vaccinations import MAX_VACCINATIONS, REMINDER_DAYS
from models.pets.vaccinations import Vaccination as VaccinationRow
from schema.lazy import LazyBooking, LazyPet, LazyUser, LazyVendor
from schema.pictures.types import Picture

PetRoot = strawberry.Parent[rows.Pet]
RECORDS = "Null for members of vendors with whom its owner does not share its records."


@strawberry.type(
    description="A vaccination of a pet. Visible to its owner, and to members with the STAFF role"
    " or higher of vendors with whom the owner shares its records."
)
class Vaccination(Rows[VaccinationRow], relay.Node, access=visible_vaccination):
    id: relay.NodeID[UUID]
    name: str = column("The name of the vaccination, as the owner wrote it.")
    given_on: date | None = column("The day on which it was given. Null if it was not yet.")
    due_on: date | None = column(
        "The day on which it, or the next one, is due. The owner is reminded once, in the"
        f" {REMINDER_DAYS} days before. Null without one."
    )
    created_at: datetime = column("The time at which it was added.")
    pet: Annotated["Pet", strawberry.lazy("schema.pets.types")] | None = related(
        pet_by_id, by="pet_id", description="The pet."
    )


@strawberry.type(
    description="A vendor with whom the records of a pet are shared. Visible to the pet's owner."
)
class PetConsent(Rows[ConsentRow]):
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    created_at: datetime = column("The time at which the owner gave the consent.")


@strawberry.type(
    description="A private note of a vendor about a pet. Visible to the vendor's members with the"
    " STAFF role or higher, and not to the pet's owner. It is deleted with the owner's account."
)
class PetNote(Rows[NoteRow], relay.Node, access=visible_note):
    id: relay.NodeID[UUID]
    text: str = column("The text.")
    created_at: datetime = column("The time at which it was added.")
    author: LazyUser = related(
        user_by_id, by="author_id", description="The member who wrote or last changed it."
    )
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    pet: LazyPet | None = related(
        visible_pet,
        by="pet_id",
        description="The pet.",
    )


@strawberry.type(
    description="A pet of a user. Visible to its owner; to members with the STAFF role or higher of"
    " vendors with a booking for it, unless that was cancelled, declined or has expired; and to"
    " those of vendors with whom the owner shares its records, which only the latter see."
)
class Pet(Rows[rows.Pet], relay.Node, access=visible_pet):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    species: str = column("The species: a code of an open list, such as `dog` or `guinea-pig`.")
    breed: str | None = column("The breed. Null if it is not known.")
    weight_g: int | None = column("The weight in grams. Null if it is not known.")
    archived_at: datetime | None = column("The time at which it was archived. Null otherwise.")
    created_at: datetime = column("The time at which it was added.")
    photo: Picture | None = related(
        photo_of_pet, by="id", description=f"The photo. Null without one. {RECORDS}"
    )
    vaccinations: list[Vaccination] = related(
        vaccinations_of_pet,
        by="id",
        description=f"The vaccinations, at most {MAX_VACCINATIONS}, the latest due day first. Empty"
        " for members of vendors with whom its owner does not share its records.",
        size=10,
    )
    shared_with: list[PetConsent] = related(
        consents_of_pet,
        by="id",
        description=f"The vendors with whom the records are shared, at most {MAX_SHARED}. Empty for"
        " others than the owner.",
        size=5,
    )
    notes: list[PetNote] = related_page(
        notes_of_pet,
        PetNote,
        "The newest private notes of the vendors whose member the viewer is. Empty for the owner.",
    )
    bookings: list[LazyBooking] = related_page(
        bookings_of_pet,
        LazyBooking,
        "The bookings for it, the newest first: all for its owner, and for members of vendors those"
        " at theirs.",
        domain="bookings",
    )

    @field(
        "The age in whole months, by the day in UTC. Null if it is not known.",
        needs=("born_on",),
    )
    def age_months(root: PetRoot) -> int | None:
        return root.age_months(now().date())

    @loaded(
        sees_records,
        by="id",
        description=f"The day on which it was born. Null if it is not known. {RECORDS}",
        needs=("born_on",),
    )
    def born_on(root: PetRoot, seen: bool) -> date | None:
        return root.born_on if seen else None

    @loaded(
        sees_records,
        by="id",
        description="Whether the viewer sees its records: the day of birth, the photo and the"
        " vaccinations.",
    )
    def shows_records(root: PetRoot, seen: bool) -> bool:
        return seen
