"""One pet with all of its records."""

from models.pictures import PetPhoto
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    pet = await world.pet(till.customer)
    await world.vaccination(pet)
    await world.pet_consent(pet, till.vendor)
    await world.pet_note(pet, till.vendor, till.scanner)
    picture = await world.picture(till.customer)
    await world.save(PetPhoto(pet_id=pet.id, upload_id=picture.id))
