"""Imports of products from files."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.catalog import visible_import, visible_import_row
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, LiveConnection, connection
from engine.ids import id_of
from engine.types import Rows, column, field, related
from models.catalog import imports as rows
from schema.catalog.enums import ImportColumn, ImportFailure
from schema.lazy import LazyVendor
from schema.uploads.enums import ImportOutcome, ImportState
from services.catalog.imports.imports import list_results

ImportId = Annotated[UUID, id_of("ProductImport", "The import's id.")]
DryRun = Annotated[
    bool, strawberry.argument(description="Whether to check the rows and change nothing.")
]
RowRoot = strawberry.Parent[rows.ProductImportRow]


@strawberry.type(
    description="The result of a row of a file. Visible to those who can see the import."
)
class ProductImportRow(Rows[rows.ProductImportRow], relay.Node, access=visible_import_row):
    id: relay.NodeID[UUID]
    row_number: int = column(
        "The number of the row, from 1. The header and empty rows don't count.", of="number"
    )
    column_name: ImportColumn | None = column(
        "The column that the refusal is about. Null if it is about the row."
    )
    code: str | None = column("The code of the refusal. Null unless the row was REFUSED.")

    @field("The result.", needs=("outcome",))
    def result(root: RowRoot) -> ImportOutcome:
        return root.outcome

    @field("The SKU. Empty if it is missing or not valid.", needs=("sku",))
    def sku(root: RowRoot) -> str:
        return root.sku or ""

    @field(
        "The message of the refusal, in the language of the member who imports. Empty unless the"
        " row was REFUSED.",
        needs=("message",),
    )
    def explanation(root: RowRoot) -> str:
        return root.message or ""


@strawberry.type(
    description="A file of products that a job reads. Visible to members who can edit the vendor's"
    f" products, and admins. Deleted after {rows.IMPORT_DAYS} days."
)
class ProductImport(Rows[rows.ProductImport], relay.Node, access=visible_import):
    id: relay.NodeID[UUID]
    state: ImportState = column("The state. Subscription: `productImportChanges`.")
    failure: ImportFailure | None = column("The reason of the failure. Null unless FAILED.")
    dry_run: bool = column("Whether it only checks the rows.")
    row_count: int = column("The number of rows of the file. Zero until it is read.")
    created: int = column("The number of rows so far that were CREATED.")
    updated: int = column("The number of rows so far that were UPDATED.")
    unchanged: int = column("The number of rows so far that were UNCHANGED.")
    refused: int = column("The number of rows so far that were REFUSED.")
    created_at: datetime = column("The time at which the import was asked for.")
    finished_at: datetime | None = column("The time of the end.")
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )

    @connection(
        Connection[ProductImportRow], "The results in the order of the file.", needs=("id",)
    )
    def results(root: strawberry.Parent[rows.ProductImport]) -> Listing[Any]:
        return list_results(root.id)


@strawberry.type(description="A page of the imports of a vendor, with live changes.")
class ProductImportConnection(LiveConnection[ProductImport]):
    pass
