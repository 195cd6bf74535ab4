"""Pets: saved, archived and restored by their owners, and listed."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.identity.accounts import User
from models.pets.pets import MAX_KEPT_PETS, MAX_PETS, Pet
from models.uploads import Upload
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.events.inputs import keyed

FIELDS = """pet { id name species breed bornOn ageMonths weightG archivedAt showsRecords
  photo { uploadId } }"""
PETS = "query ($archived: Boolean!) { pets(archived: $archived) { nodes { name } totalCount } }"


def pet_input(**changes: Any) -> dict[str, Any]:
    return keyed(name="Momo", species="dog") | changes


async def names(client: Client, *, archived: bool = False) -> list[str]:
    found = (await client.ask(PETS, archived=archived))["pets"]
    assert found["totalCount"] == len(found["nodes"])
    return [one["name"] for one in found["nodes"]]


async def test_save_pet_adds_it_once_and_changes_it(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    today = now().date()
    born = today.replace(day=1, year=today.year - 2)
    given = pet_input(name=" Momo ", breed="Beagle", bornOn=born.isoformat(), weightG=9_500)
    added = await client.do("savePet", given, FIELDS)
    assert added["errors"] == []
    pet = added["pet"]
    assert pet | {"id": ""} == {
        "id": "",
        "name": "Momo",
        "species": "dog",
        "breed": "Beagle",
        "bornOn": born.isoformat(),
        "ageMonths": 24,
        "weightG": 9_500,
        "archivedAt": None,
        "showsRecords": True,
        "photo": None,
    }
    assert await client.do("savePet", given, FIELDS) == added
    changed = await client.do(
        "savePet", {"petId": pet["id"], "name": "Mia", "species": "guinea-pig"}, FIELDS
    )
    assert changed["pet"]["species"] == "guinea-pig"
    assert (changed["pet"]["breed"], changed["pet"]["ageMonths"]) == (None, None)
    assert await names(client) == ["Mia"]


async def test_save_pet_refuses_what_is_wrong(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    for changes in (
        {"name": " "},
        {"name": "Call haat.com"},
        {"species": "Dog"},
        {"species": ""},
        {"breed": "a" * 81},
        {"bornOn": tomorrow},
        {"bornOn": "1899-12-31"},
        {"weightG": 0},
        {"weightG": 5_000_001},
        {"idempotencyKey": None},
    ):
        codes = await client.refusal_codes("savePet", pet_input(**changes))
        assert codes == ["INVALID_INPUT"], changes
    assert await names(client) == []


async def test_a_user_has_at_most_20_pets(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    pets = [Pet(user_id=user.id, name=f"Pet {n}", species="cat") for n in range(MAX_PETS)]
    await world.save(*pets)
    assert await client.refusal_codes("savePet", pet_input()) == ["PET_LIMIT_REACHED"]
    assert await client.refusal_codes("archivePet", {"petId": gid(pets[0])}) == []
    assert await names(client, archived=True) == ["Pet 0"]
    assert await client.refusal_codes("savePet", pet_input()) == []
    restore = {"petId": gid(pets[0])}
    assert await client.refusal_codes("restorePet", restore) == ["PET_LIMIT_REACHED"]
    assert await client.refusal_codes("archivePet", {"petId": gid(pets[1])}) == []
    for _ in range(2):
        assert await client.refusal_codes("restorePet", restore) == []


async def test_a_user_keeps_at_most_100_pets(world: World, api: Client) -> None:
    user = await world.user()
    gone = [
        Pet(user_id=user.id, name="Rex", species="dog", archived_at=now())
        for _ in range(MAX_KEPT_PETS)
    ]
    await world.save(*gone)
    client = api.signed_in(user)
    assert await client.refusal_codes("savePet", pet_input()) == ["PET_LIMIT_REACHED"]
    assert await client.refusal_codes("restorePet", {"petId": gid(gone[0])}) == []


async def test_an_archived_pet_is_not_changed(world: World, api: Client) -> None:
    user = await world.user()
    pet = await world.pet(user, archived_at=now())
    client = api.signed_in(user)
    change = {"petId": gid(pet), "name": "Mia", "species": "cat"}
    assert await client.refusal_codes("savePet", change) == ["PET_ARCHIVED"]
    vaccination = keyed(petId=gid(pet), name="Rabies", givenOn="2020-01-01")
    assert await client.refusal_codes("saveVaccination", vaccination) == ["PET_ARCHIVED"]
    share = {"petId": gid(pet), "vendorId": gid(await world.vendor())}
    assert await client.refusal_codes("sharePet", share) == ["PET_ARCHIVED"]


async def test_pets_are_their_owners_alone(world: World, api: Client) -> None:
    pet = await world.pet(await world.user())
    stranger, admin = api.signed_in(await world.user()), api.signed_in(await world.admin())
    asked = "query ($id: ID!) { pet(id: $id) { name } }"
    for client in (api, stranger, admin):
        assert (await client.ask(asked, id=gid(pet)))["pet"] is None
    inputs = {
        "savePet": {"petId": gid(pet), "name": "Mia", "species": "cat"},
        "archivePet": {"petId": gid(pet)},
        "restorePet": {"petId": gid(pet)},
    }
    for name, given in inputs.items():
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        assert await stranger.refusal_codes(name, given) == ["NOT_FOUND"]
        assert await admin.refusal_codes(name, given) == ["NOT_FOUND"]
    assert await api.failed(PETS, archived=False) == ["UNAUTHENTICATED"]
    assert await names(stranger) == []


async def photo_of(client: Client, pet: Pet, upload: Upload | None) -> Any:
    given = {"petId": gid(pet), "name": pet.name, "species": pet.species}
    photo = {"photoUploadId": gid(upload) if upload else None}
    return await client.do("savePet", given | photo, FIELDS)


async def test_a_photo_is_set_replaced_kept_and_removed(world: World, api: Client) -> None:
    user = await world.user()
    client, pet = api.signed_in(user), await world.pet(user)
    first, second = await world.picture(user), await world.picture(user)
    for upload in (first, first, second):
        shown = await photo_of(client, pet, upload)
        assert shown["pet"]["photo"] == {"uploadId": gid(upload)}
    assert (await world.fresh(first)).expired
    kept = {"petId": gid(pet), "name": "Mia", "species": "dog"}
    unchanged = await client.do("savePet", kept, FIELDS)
    assert unchanged["pet"]["photo"] == {"uploadId": gid(second)}
    other = await photo_of(client, pet, await world.picture(await world.user()))
    assert [one["code"] for one in other["errors"]] == ["NOT_FOUND"]
    for _ in range(2):
        assert (await photo_of(client, pet, None))["pet"]["photo"] is None
    assert (await world.fresh(second)).expired


async def test_a_new_pet_with_a_photo(world: World, api: Client) -> None:
    user = await world.user()
    picture = await world.picture(user)
    client = api.signed_in(user)
    added = await client.do("savePet", pet_input(photoUploadId=gid(picture)), FIELDS)
    assert added["pet"]["photo"] == {"uploadId": gid(picture)}
    used = await client.do("savePet", pet_input(photoUploadId=gid(picture)), FIELDS)
    assert [one["code"] for one in used["errors"]] == ["INVALID_INPUT"]


LIST = """{ pets { nodes { name ageMonths bornOn photo { url } notes { text }
  vaccinations { name } sharedWith { vendor { name } } } } }"""


async def make_pets(world: World, user: User, count: int) -> None:
    vendor = await world.vendor()
    for _ in range(count):
        pet = await world.pet(user)
        await world.vaccination(pet)
        await world.pet_consent(pet, vendor)


async def test_a_list_of_pets_takes_as_many_statements_as_one(world: World, api: Client) -> None:
    counts = []
    for count in (1, 6):
        user = await world.user()
        await make_pets(world, user, count)
        client = api.signed_in(user)
        await client.ask(LIST)
        counts.append(len(await statements(client, LIST)))
    assert counts[0] == counts[1]
