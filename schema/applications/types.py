"""Applications to become a vendor."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.applications import (
    MAX_LOOK_ALIKES,
    documents_of_application,
    look_alikes_of_application,
    visible_application,
)
from dataloaders.identity import user_by_id, visible_user
from dataloaders.vendors import vendor_by_id
from engine.context import Info
from engine.permissions import visible_to_admins
from engine.types import Rows, column, field, related
from models import applications as rows
from models.applications import MAX_DOCUMENTS, TAX_ID_COLUMN
from schema.applications.enums import ApplicationState
from schema.lazy import LazyUser, LazyVendor
from schema.uploads.types import Upload


@strawberry.type(
    description="An application of a user to become a vendor. Visible to the applicant and admins."
)
class VendorApplication(Rows[rows.VendorApplication], relay.Node, access=visible_application):
    id: relay.NodeID[UUID]
    state: ApplicationState = column("The state of the application.")
    revision: int = column(
        "The number of the current revision, to send back with a decision or a resubmission. It"
        " rises when the application or its vendor changes."
    )
    reason: str | None = column(
        "The reason of the last decision, as an admin wrote it. Null before one and after an"
        " approval."
    )
    created_at: datetime = column("The time of the first submission.")
    submitted_at: datetime = column("The time of the last submission.")
    decided_at: datetime | None = column("The time of the last decision. Null before one.")
    tax_kind: str = column(
        "The kind of tax number, such as GSTIN, VAT or EIN. TAX_ID where the country's rules are"
        " not known."
    )

    @field("The tax number, without separators.", needs=("id", "tax_id"), cost=1)
    def tax_id(root: strawberry.Parent[rows.VendorApplication], info: Info) -> str:
        return info.context.app.sealer.open(TAX_ID_COLUMN, root.id, root.tax_id).decode()

    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor, which is PENDING until a decision."
    )
    applicant: LazyUser = related(user_by_id, by="user_id", description="The applicant.")
    decider: LazyUser | None = related(
        visible_user,
        by="decider_id",
        description="The admin of the last decision. Null unless the viewer sees this user.",
    )
    documents: list[Upload] = related(
        documents_of_application,
        by="id",
        description=f"The documents in their order, at most {MAX_DOCUMENTS}. Empty once withdrawn,"
        " and some time after a rejection.",
        size=MAX_DOCUMENTS,
    )
    look_alikes: list[LazyVendor] | None = visible_to_admins(
        related(
            look_alikes_of_application,
            by="id",
            description="Other vendors with the same tax number or the same name, at most"
            f" {MAX_LOOK_ALIKES}. Visible to admins.",
            size=MAX_LOOK_ALIKES,
        )
    )
