"""Changes that the subscription to a user's pets sends."""

import strawberry

from engine.types import column
from schema.pets.types import Pet


@strawberry.type(description="A change of the viewer's pets.")
class PetChange:
    cursor: str = column("The cursor to resume after this change.")
    pet: Pet | None = strawberry.field(
        default=None,
        description="The pet as it is now, which was added, changed, archived or restored, or whose"
        " records were changed or shared. Null in a change that only carries a newer cursor.",
    )
