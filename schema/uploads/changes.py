"""Changes that the subscription to a user's pictures sends."""

import strawberry

from engine.types import column
from schema.uploads.types import Upload


@strawberry.type(
    description="The sizes of a picture were made, or could not be, or only a newer cursor."
)
class PictureChange:
    cursor: str = column("The cursor to resume after this change.")
    upload: Upload | None = strawberry.field(
        default=None,
        description="The upload with its `picture`. Null if only the cursor has changed, or the"
        " picture was removed in the meantime.",
    )
