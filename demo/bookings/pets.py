"""Seeds pets of customers, with the records that their owners share."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from demo.bookings.practices import Practice
from models.identity.accounts import User
from models.pets.pets import Pet
from models.pets.sharing import PetConsent, PetNote
from models.pets.vaccinations import Vaccination

NAMES = ("Simba", "Tara", "Momo", "Chai", "Luna", "Raja", "Pixel", "Ginger", "Kaju", "Olive")
SPECIES = ("dog", "dog", "cat", "cat", "rabbit")


def add_pet(practice: Practice, user: User, name: str, species: str, **values: Any) -> Pet:
    created = user.created_at + timedelta(days=1)
    pet = Pet(
        id=practice.rng.uuid7_at(created),
        created_at=created,
        user_id=user.id,
        name=name,
        species=species,
        **values,
    )
    practice.dataset.booking_rows.append(pet)
    return pet


def add_random_pet(practice: Practice, user: User) -> Pet:
    rng = practice.rng
    born = practice.today() - timedelta(days=rng.randint(200, 4_000))
    species, weight = rng.choice(SPECIES), rng.randint(2_000, 12_000)
    return add_pet(practice, user, rng.choice(NAMES), species, born_on=born, weight_g=weight)


def vaccinate(practice: Practice, pet: Pet, name: str, given: int, due: int | None = None) -> None:
    """Add a vaccination so many days ago, of which the next one is due in so many days."""
    today = practice.today()
    practice.dataset.booking_rows.append(
        Vaccination(
            **_made(practice, practice.dataset.now - timedelta(days=given)),
            pet_id=pet.id,
            name=name,
            given_on=today - timedelta(days=given),
            due_on=None if due is None else today + timedelta(days=due),
        )
    )


def share(practice: Practice, pet: Pet, days: int) -> None:
    """Let the members of a practice read the records of a pet since so many days."""
    practice.dataset.booking_rows.append(
        PetConsent(
            **_made(practice, practice.dataset.now - timedelta(days=days)),
            pet_id=pet.id,
            vendor_id=practice.vendor.row.id,
        )
    )


def note(practice: Practice, pet: Pet, text: str, author_id: UUID, days: int) -> None:
    """Add a note of a practice about a pet, so many days ago."""
    practice.dataset.booking_rows.append(
        PetNote(
            **_made(practice, practice.dataset.now - timedelta(days=days)),
            pet_id=pet.id,
            vendor_id=practice.vendor.row.id,
            author_id=author_id,
            text=text,
        )
    )


def _made(practice: Practice, at: datetime) -> dict[str, Any]:
    return {"id": practice.rng.uuid7_at(at), "created_at": at}
