"""The records of pets: what vendors see by a booking and by consent, and their private notes."""

from typing import Any

import pytest
from sqlmodel import select

from models.audit import AuditAct, AuditEntry
from models.bookings.bookings import BookingState
from models.identity.accounts import User
from models.pets.pets import Pet
from models.pets.sharing import MAX_NOTES, PetNote
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.events.inputs import keyed

PET = """query ($id: ID!) { pet(id: $id) { name species breed weightG showsRecords bornOn
  vaccinations { name } photo { url } sharedWith { vendor { name } } notes { text } } }"""


async def see(client: Client, pet: Pet) -> Any:
    return (await client.ask(PET, id=gid(pet)))["pet"]


def share(pet: Pet, vendor: Vendor) -> dict[str, str]:
    return {"petId": gid(pet), "vendorId": gid(vendor)}


@pytest.fixture
async def clinic(world: World) -> Clinic:
    return await Clinic.open(world)


@pytest.fixture
async def pet(world: World, clinic: Clinic) -> Pet:
    pet = await world.pet(clinic.customer)
    await world.vaccination(pet)
    return pet


async def test_a_booking_shows_the_profile_and_consent_the_records(
    world: World, api: Client, clinic: Clinic, pet: Pet
) -> None:
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    owner = api.signed_in(clinic.customer)
    assert await see(staff, pet) is None
    await clinic.booking(pet_id=pet.id)
    booked = await see(staff, pet)
    assert booked == {
        "name": pet.name,
        "species": "dog",
        "breed": "Beagle",
        "weightG": 9_500,
        "showsRecords": False,
        "bornOn": None,
        "vaccinations": [],
        "photo": None,
        "sharedWith": [],
        "notes": [],
    }
    for _ in range(2):
        shared = await owner.do("sharePet", share(pet, clinic.vendor), "pet { id }")
        assert shared["errors"] == []
    full = await see(staff, pet)
    assert (full["showsRecords"], full["bornOn"]) == (True, "2020-02-29")
    assert full["vaccinations"] == [{"name": "Rabies"}]
    assert full["sharedWith"] == []
    own = await see(owner, pet)
    assert own["sharedWith"] == [{"vendor": {"name": clinic.vendor.name}}]
    for _ in range(2):
        assert await owner.refusal_codes("unsharePet", share(pet, clinic.vendor)) == []
    assert await see(staff, pet) == booked
    async with world.database.session() as session:
        acts = await session.exec(select(AuditEntry.act).where(AuditEntry.subject_id == pet.id))
        assert sorted(acts) == [AuditAct.SHARE_PET, AuditAct.UNSHARE_PET]


@pytest.mark.parametrize(
    "state", [BookingState.CANCELLED, BookingState.DECLINED, BookingState.EXPIRED]
)
async def test_a_booking_that_came_to_nothing_shows_no_pet(
    api: Client, clinic: Clinic, pet: Pet, state: BookingState
) -> None:
    await clinic.booking(pet_id=pet.id, state=state)
    assert await see(api.signed_in(clinic.owner), pet) is None


async def test_others_see_neither_the_pet_nor_its_records(
    world: World, api: Client, clinic: Clinic, pet: Pet
) -> None:
    await clinic.booking(pet_id=pet.id)
    await world.pet_consent(pet, clinic.vendor)
    other = await world.vendor()
    scanner = await clinic.member(MemberRole.SCANNER)
    elsewhere = await new_member(world, other, MemberRole.OWNER)
    for user in (scanner, elsewhere, await world.user(), await world.admin()):
        client = api.signed_in(user)
        assert await see(client, pet) is None
        for name in ("sharePet", "unsharePet"):
            assert await client.refusal_codes(name, share(pet, other)) == ["NOT_FOUND"]
    for name in ("sharePet", "unsharePet"):
        assert await api.mutation_failed(name, share(pet, other)) == ["UNAUTHENTICATED"]


async def test_a_pet_is_not_shared_with_a_vendor_that_is_not_there(
    world: World, api: Client, clinic: Clinic, pet: Pet
) -> None:
    pending = await world.vendor(status="PENDING")
    owner = api.signed_in(clinic.customer)
    assert await owner.refusal_codes("sharePet", share(pet, pending)) == ["NOT_FOUND"]


def note(pet: Pet, vendor: Vendor, **changes: Any) -> dict[str, Any]:
    return keyed(petId=gid(pet), vendorId=gid(vendor), text="Bites.") | changes


async def test_notes_are_read_by_members_of_their_vendor_alone(
    world: World, api: Client, clinic: Clinic, pet: Pet
) -> None:
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    assert await staff.refusal_codes("savePetNote", note(pet, clinic.vendor)) == ["NOT_FOUND"]
    await clinic.booking(pet_id=pet.id)
    given = note(pet, clinic.vendor)
    added = await staff.do("savePetNote", given, "note { id text author { name } }")
    assert added["errors"] == []
    assert await staff.do("savePetNote", given, "note { id text author { name } }") == added
    changed = {"noteId": added["note"]["id"], "text": "Bites men."}
    other = await Clinic.open(world)
    await other.booking(clinic.customer, pet_id=pet.id)
    assert await api.signed_in(clinic.owner).refusal_codes("savePetNote", changed) == []
    assert (await see(staff, pet))["notes"] == [{"text": "Bites men."}]
    removal = {"noteId": added["note"]["id"]}
    elsewhere = api.signed_in(other.owner)
    for client in (api.signed_in(clinic.customer), elsewhere):
        assert (await see(client, pet))["notes"] == []
        assert await client.refusal_codes("savePetNote", changed) == ["NOT_FOUND"]
        assert await client.refusal_codes("savePetNote", note(pet, clinic.vendor)) == ["NOT_FOUND"]
        assert await client.refusal_codes("removePetNote", removal) == ["NOT_FOUND"]
    for name, given in (("savePetNote", changed), ("removePetNote", removal)):
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    scanner = api.signed_in(await clinic.member(MemberRole.SCANNER))
    assert await scanner.refusal_codes("removePetNote", removal) == ["NOT_FOUND"]
    assert await staff.refusal_codes("removePetNote", removal) == []
    assert await staff.refusal_codes("removePetNote", removal) == ["NOT_FOUND"]


async def test_notes_have_a_limit_and_a_length(
    world: World, api: Client, clinic: Clinic, pet: Pet
) -> None:
    await world.pet_consent(pet, clinic.vendor)
    client = api.signed_in(clinic.owner)
    for text in ("", "a" * 4_001):
        given = note(pet, clinic.vendor, text=text)
        assert await client.refusal_codes("savePetNote", given) == ["INVALID_INPUT"]
    for missing in ("petId", "vendorId", "idempotencyKey"):
        given = note(pet, clinic.vendor) | {missing: None}
        assert await client.refusal_codes("savePetNote", given) == ["INVALID_INPUT"]
    values: dict[str, Any] = {
        "pet_id": pet.id,
        "vendor_id": clinic.vendor.id,
        "author_id": clinic.owner.id,
    }
    await world.save(*(PetNote(**values, text="Fine.") for _ in range(MAX_NOTES)))
    given = note(pet, clinic.vendor)
    assert await client.refusal_codes("savePetNote", given) == ["PET_NOTE_LIMIT_REACHED"]


async def test_the_owner_who_is_a_member_sees_the_notes_as_one(
    world: World, api: Client, clinic: Clinic
) -> None:
    user: User = clinic.owner
    pet = await world.pet(user)
    await world.pet_note(pet, clinic.vendor, user)
    assert len((await see(api.signed_in(user), pet))["notes"]) == 1
