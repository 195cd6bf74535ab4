"""Changes that the subscription to disputes sends."""

import strawberry

from engine.types import column
from schema.disputes.types import Dispute


@strawberry.type(description="A change of a dispute in which a vendor has a share.")
class DisputeChange:
    cursor: str = column("The cursor to resume after this change.")
    dispute: Dispute | None = strawberry.field(
        default=None,
        description="The dispute as it is now. Null if nothing has changed, and there is only a"
        " newer cursor to resume from.",
    )
