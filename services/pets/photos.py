"""Photos of pets."""

from typing import NamedTuple
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.pets.pets import Pet
from models.pictures import PetPhoto
from services.pictures.single import set_only_picture


class PhotoChoice(NamedTuple):
    """The photo of an input: kept as it is, another upload, or none."""

    keep: bool = True
    upload_id: UUID | None = None


async def set_photo(session: AsyncSession, pet: Pet, choice: PhotoChoice) -> None:
    """Replace the photo of a pet that is locked, or remove it.

    Raises `NotFound` and `InvalidInput` as `set_only_picture`.
    """
    if choice.keep:
        return
    photo = (await session.exec(select(PetPhoto).where(PetPhoto.pet_id == pet.id))).first()
    await set_only_picture(
        session,
        pet.user_id,
        choice.upload_id,
        photo,
        lambda id: PetPhoto(pet_id=pet.id, upload_id=id),
        field="photoUploadId",
    )
