"""A pet that is shared with the vendor, the vendor's note about it, and a question of a service."""

from sqlmodel import SQLModel

from models.bookings.intake import ServiceQuestion
from models.questions import QuestionKind
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "Pet": {CUSTOMER, OWNER},
    "PetNote": {OWNER},
    "ServiceQuestion": {OWNER, ADMIN},
    "Vaccination": {CUSTOMER, OWNER},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    pet = await scene.world.pet(scene.customer)
    await scene.world.pet_consent(pet, scene.vendor)
    service = await scene.world.service(scene.vendor)
    question = ServiceQuestion(
        service_id=service.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Fears?"}
    )
    await scene.world.save(question)
    return {
        "Pet": pet,
        "PetNote": await scene.world.pet_note(pet, scene.vendor, scene.owner),
        "ServiceQuestion": question,
        "Vaccination": await scene.world.vaccination(pet),
    }
