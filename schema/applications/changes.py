"""Changes that the subscription to applications sends."""

import strawberry

from engine.types import column
from schema.applications.types import VendorApplication

CURSOR = "The cursor to resume after this change."


@strawberry.type(description="A change of an application, or only a newer cursor.")
class VendorApplicationChange:
    cursor: str = column(CURSOR)
    application: VendorApplication | None = strawberry.field(
        default=None,
        description="The application in its current state. Null if only the cursor has changed.",
    )
