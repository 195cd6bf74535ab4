"""A pet with a vaccination that is shared with the vendor, and the vendor's note about it."""

from sqlmodel import SQLModel

from tests.resolvers.scene import CUSTOMER, OWNER, Scene

SEEN_BY = {
    "Pet": {CUSTOMER, OWNER},
    "Vaccination": {CUSTOMER, OWNER},
    "PetNote": {OWNER},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    pet = await scene.world.pet(scene.customer)
    await scene.world.pet_consent(pet, scene.vendor)
    return {
        "Pet": pet,
        "Vaccination": await scene.world.vaccination(pet),
        "PetNote": await scene.world.pet_note(pet, scene.vendor, scene.owner),
    }
