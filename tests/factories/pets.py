"""Pets of users, with their records."""

from datetime import date, timedelta
from typing import Any

from core.clock import now
from models.identity.accounts import User
from models.pets.pets import Pet
from models.pets.sharing import PetConsent, PetNote
from models.pets.vaccinations import Vaccination
from models.vendors import Vendor
from tests.factories.base import NUMBERS, RowStore


class PetRows(RowStore):
    """Creates pets and what is known of them."""

    async def pet(self, user: User, **values: Any) -> Pet:
        """Return a dog of a few kilograms, born in 2020."""
        given: dict[str, Any] = {
            "name": f"Pet {next(NUMBERS)}",
            "species": "dog",
            "breed": "Beagle",
            "born_on": date(2020, 2, 29),
            "weight_g": 9_500,
        } | values
        pet = Pet(user_id=user.id, **given)
        await self.save(pet)
        return pet

    async def vaccination(self, pet: Pet, **values: Any) -> Vaccination:
        """Return a vaccination that was given last year, and is due in a week."""
        today = now().date()
        given: dict[str, Any] = {
            "name": "Rabies",
            "given_on": today - timedelta(days=358),
            "due_on": today + timedelta(days=7),
        } | values
        vaccination = Vaccination(pet_id=pet.id, **given)
        await self.save(vaccination)
        return vaccination

    async def pet_consent(self, pet: Pet, vendor: Vendor) -> PetConsent:
        consent = PetConsent(pet_id=pet.id, vendor_id=vendor.id)
        await self.save(consent)
        return consent

    async def pet_note(self, pet: Pet, vendor: Vendor, author: User, **values: Any) -> PetNote:
        given = {"text": "Bites when its ears are touched."} | values
        note = PetNote(pet_id=pet.id, vendor_id=vendor.id, author_id=author.id, **given)
        await self.save(note)
        return note
