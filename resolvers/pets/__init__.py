"""Root fields of pets."""

import strawberry

from resolvers.pets.notes import PetNoteMutation
from resolvers.pets.pets import OwnPetMutation, PetQuery
from resolvers.pets.records import PetRecordMutation

__all__ = ["PetMutation", "PetQuery"]


@strawberry.type
class PetMutation(OwnPetMutation, PetRecordMutation, PetNoteMutation):
    pass
