"""Imports of offers from files."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.offers import visible_offer, visible_offer_import, visible_offer_import_row
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, LiveConnection, connection
from engine.context import Info
from engine.ids import id_of
from engine.types import Rows, column, field, related
from models.catalog.imports import IMPORT_DAYS
from models.offers import imports as rows
from schema.lazy import LazyOffer, LazyVendor
from schema.links import ExpiringLink, expiring
from schema.offers.enums import OfferColumn, OfferImportFailure
from schema.uploads.enums import ImportOutcome, ImportState
from services.offers.imports.imports import list_results
from services.offers.imports.report import PATH, ReportLink

OfferImportId = Annotated[UUID, id_of("OfferImport", "The import's id.")]
Outcome = Annotated[
    ImportOutcome | None,
    strawberry.argument(description="Returns results of this kind. Defaults to all."),
]
RowRoot = strawberry.Parent[rows.OfferImportRow]
ImportRoot = strawberry.Parent[rows.OfferImport]


@strawberry.type(
    description="The result of a row of a file of offers. Visible to those who can see the import."
)
class OfferImportRow(Rows[rows.OfferImportRow], relay.Node, access=visible_offer_import_row):
    id: relay.NodeID[UUID]
    row_number: int = column(
        "The number of the row, from 1. The header and empty rows don't count.", of="number"
    )
    offer_column: OfferColumn | None = column(
        "The column that the refusal is about. Null if it is about the row.", of="column_name"
    )
    vendor_offer_id: str | None = column(
        "The vendor's own id of the offer. Null if it is missing or not valid.", of="external_id"
    )
    code: str | None = column("The code of the refusal. Null unless the row was REFUSED.")
    offer: LazyOffer | None = related(
        visible_offer,
        by="offer_id",
        description="The offer. Null if the row was REFUSED, or would create one.",
    )

    @field("The result.", needs=("outcome",))
    def result(root: RowRoot) -> ImportOutcome:
        return root.outcome

    @field(
        "The message of the refusal, in the language of the member who imports. Empty unless the"
        " row was REFUSED.",
        needs=("message",),
    )
    def explanation(root: RowRoot) -> str:
        return root.message or ""


@strawberry.type(
    description="A file of offers that a job reads. Visible to members who can edit the vendor's"
    f" offers, and admins. Deleted after {IMPORT_DAYS} days."
)
class OfferImport(Rows[rows.OfferImport], relay.Node, access=visible_offer_import):
    id: relay.NodeID[UUID]
    state: ImportState = column("The state. Subscription: `offerImportChanges`.")
    import_failure: OfferImportFailure | None = column(
        "The reason of the failure. Null unless FAILED.", of="failure"
    )
    dry_run: bool = column("Whether it only checks the rows.")
    row_count: int = column("The number of rows of the file. Zero until it is read.")
    created: int = column("The number of rows so far that were CREATED.")
    updated: int = column("The number of rows so far that were UPDATED.")
    unchanged: int = column("The number of rows so far that were UNCHANGED.")
    refused: int = column("The number of rows so far that were REFUSED.")
    created_at: datetime = column("The time at which the import was asked for.")
    finished_at: datetime | None = column("The time of the end.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")

    @connection(Connection[OfferImportRow], "The results in the order of the file.", needs=("id",))
    def rows(root: ImportRoot, outcome: Outcome = None) -> Listing[Any]:
        return list_results(root.id, outcome)

    @field(
        "A link to the results as a CSV file. Texts that a spreadsheet would take for formulas"
        " begin with an apostrophe.",
        needs=("id",),
        cost=1,
    )
    def report(root: ImportRoot, info: Info) -> ExpiringLink:
        link = ReportLink(root.id, info.context.viewer.require_user())
        return expiring(info, PATH, link.sign(info.context.app.keys))


@strawberry.type(description="A page of the imports of offers of a vendor, with live changes.")
class OfferImportConnection(LiveConnection[OfferImport]):
    pass
