"""Vaccinations: kept by the owner of a pet."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.pets.pets import Pet
from models.pets.vaccinations import MAX_VACCINATIONS, Vaccination
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.events.inputs import keyed

FIELDS = "vaccination { id name givenOn dueOn pet { id } }"


def given(pet: Pet, **changes: Any) -> dict[str, Any]:
    return keyed(petId=gid(pet), name="Rabies", givenOn="2025-03-01", dueOn="2028-03-01") | changes


async def test_vaccinations_are_added_changed_and_removed(world: World, api: Client) -> None:
    user = await world.user()
    pet, client = await world.pet(user), api.signed_in(user)
    input = given(pet)
    added = await client.do("saveVaccination", input, FIELDS)
    id = added["vaccination"]["id"]
    assert added["vaccination"] == {
        "id": id,
        "name": "Rabies",
        "givenOn": "2025-03-01",
        "dueOn": "2028-03-01",
        "pet": {"id": gid(pet)},
    }
    assert await client.do("saveVaccination", input, FIELDS) == added
    planned = {"vaccinationId": id, "name": "Rabies", "dueOn": "2027-03-01"}
    changed = (await client.do("saveVaccination", planned, FIELDS))["vaccination"]
    assert (changed["givenOn"], changed["dueOn"]) == (None, "2027-03-01")
    removal = {"vaccinationId": id}
    removed = await client.do("removeVaccination", removal, "pet { vaccinations { id } }")
    assert removed["pet"] == {"vaccinations": []}
    assert await client.refusal_codes("removeVaccination", removal) == ["NOT_FOUND"]


async def test_save_vaccination_refuses_what_is_wrong(world: World, api: Client) -> None:
    user = await world.user()
    pet, client = await world.pet(user), api.signed_in(user)
    later = (now() + timedelta(days=2)).date().isoformat()
    for changes in (
        {"name": ""},
        {"name": "a" * 81},
        {"givenOn": None, "dueOn": None},
        {"givenOn": later, "dueOn": None},
        {"givenOn": "1899-12-31"},
        {"dueOn": "2025-03-01"},
        {"dueOn": "2099-03-01"},
        {"givenOn": None, "dueOn": "1899-12-31"},
        {"petId": None},
        {"idempotencyKey": None},
    ):
        codes = await client.refusal_codes("saveVaccination", given(pet, **changes))
        assert codes == ["INVALID_INPUT"], changes
    await world.save(
        *(
            Vaccination(pet_id=pet.id, name="Rabies", due_on=now().date())
            for _ in range(MAX_VACCINATIONS)
        )
    )
    codes = await client.refusal_codes("saveVaccination", given(pet))
    assert codes == ["VACCINATION_LIMIT_REACHED"]


async def test_only_the_owner_changes_vaccinations(world: World, api: Client) -> None:
    pet = await world.pet(await world.user())
    vaccination = await world.vaccination(pet)
    clinic = await world.vendor(member := await world.user())
    await world.pet_consent(pet, clinic)
    removal = {"vaccinationId": gid(vaccination)}
    change = removal | {"name": "Rabies", "dueOn": "2027-03-01"}
    inputs = [
        ("saveVaccination", given(pet)),
        ("saveVaccination", change),
        ("removeVaccination", removal),
    ]
    for name, input in inputs:
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for user in (member, await world.user(), await world.admin()):
            client = api.signed_in(user)
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    assert await world.fresh(vaccination) == vaccination
