"""Changes of a user's pets."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

import strawberry

from dataloaders.pets import pet_by_id
from engine.arguments import Resume
from engine.context import Info
from engine.live.subscribe import subscribe_to_journal
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.pets.changes import PetChange
from schema.pets.types import Pet
from services.journal.queries import JournalRecord
from services.pets.entries import PetUpdated
from subscriptions.own_source import OwnSource


@strawberry.type
class PetSubscription:
    @subscription(
        "Changes of the viewer's pets and their records, made on any device. Resume with the last"
        " `cursor`."
    )
    async def pet_changes(
        self, info: Info, after: Resume = None
    ) -> AsyncGenerator[PetChange, None]:
        source = OwnPets(info.context.viewer.require_user())
        return await subscribe_to_journal(info, source, after)


async def _updated(loaders: Loaders, record: JournalRecord[PetUpdated], cursor: str) -> PetChange:
    pet = await loaders[pet_by_id].load(record.entry.pet_id)
    return PetChange(cursor=cursor, pet=Pet.wrap_optional(pet))


@dataclass(frozen=True)
class OwnPets(OwnSource[PetChange]):
    """The pets of a user, the same on all their devices."""

    changes: ClassVar = {PetUpdated: _updated}

    def checkpoint(self, cursor: str) -> PetChange:
        return PetChange(cursor=cursor)
