"""Fields are declared as data, so that the executor batches them and knows what they read."""

from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, is_non_null_type
from strawberry.types.field import StrawberryField

from engine.connections import Connection
from engine.field_kinds import NODE_ID, Loaded, LocalizedColumn, Related, attributes, needs
from engine.strawberry_internals import declared_class, declared_field
from engine.types import Rows

ROOTS = {"Query", "Mutation", "Subscription"}
A_PAGE = "one page of the row, cut by the arguments: one statement for each row"
ITS_CALLER = "visible to its user alone, so there is one"
COUNTED = "one statement for a list, of which there is one"
REASONS = {
    "CheckInList.scans": A_PAGE,
    "Closure.bookingsInTheWay": A_PAGE,
    "Resource.dayOverrides": A_PAGE,
    "Resource.timeBlocks": A_PAGE,
    "ServiceProvider.ownPrice": "made of the row and its service",
    "ServiceProvider.price": "made of the row and its service",
    "TimeBlock.bookingsInTheWay": A_PAGE,
    "CheckInList.ticketTypes": "waits for its date, then for one batch",
    "Conversation.messages": A_PAGE,
    "DaySales.revenue": COUNTED,
    "EventSales.revenue": COUNTED,
    "Scan.attendee": "waits for the ticket, then opens its name",
    "Scan.scannedTicketType": "waits for the ticket, then for one batch",
    "TicketTypeSales.revenue": COUNTED,
    "Event.dates": ITS_CALLER,
    "SoldTicketType.price": "made of the price of a moment, which no column has",
    "MinuteSales.revenue": "made of the sums of a minute, which no column has",
    "MessageReport.upload": "its message has the key of the second loader",
    "PickListLine.options": "made of the row, as few as a variant has",
    "ProductFacets.categories": COUNTED,
    "ProductFacets.inStock": COUNTED,
    "ProductFacets.options": COUNTED,
    "ProductFacets.prices": COUNTED,
    "ProductFacets.vendors": COUNTED,
    "OfferImport.rows": A_PAGE,
    "OfferReason.text": "a translation of its kind",
    "SavedSearch.hits": A_PAGE,
    "ProductImport.results": A_PAGE,
    "RedeemVoucherPayload.failedRule": "made of the mutation's result, of which there is one",
    "RedeemVoucherPayload.outcome": "made of the mutation's result, of which there is one",
    "RedeemVoucherPayload.reason": "made of the mutation's result, of which there is one",
    "RedeemVoucherPayload.voucher": "made of the mutation's result, of which there is one",
    "Slot.dueOnline": "made of the price of a slot, which no column has",
    "Slot.price": "made of the cheapest of the staff who are free, which no column has",
    "StockLevel.movements": A_PAGE,
    "Upload.url": "asks the object storage to sign a link",
    "SubOrder.earnings": "waits for the membership, then for one batch",
    "User.apiTokens": A_PAGE,
    "User.calendarFeeds": A_PAGE,
    "User.conversations": ITS_CALLER,
    "User.devices": ITS_CALLER,
    "User.messages": ITS_CALLER,
    "User.notificationPreferences": ITS_CALLER,
    "User.notifications": A_PAGE,
    "User.sessions": A_PAGE,
    "User.unreadMessages": ITS_CALLER,
    "User.vouchers": A_PAGE,
    "Vendor.cannedReplies": "filtered by an argument after one batch",
    "Vendor.conversations": A_PAGE,
    "Vendor.firstAnswer": "waits for the membership, then for one batch",
    "Vendor.invitations": A_PAGE,
    "Vendor.invoicesCsv": "writes a file of the invoices of its arguments",
    "Vendor.managedProducts": A_PAGE,
    "Vendor.members": A_PAGE,
    "Vendor.offerImports": A_PAGE,
    "Vendor.productImports": A_PAGE,
    "Vendor.redemptionDays": "counted in the time zone and the days of the row",
    "Vendor.redemptions": A_PAGE,
    "Vendor.commissions": "waits for the membership, then for one batch",
    "Vendor.publicHolidays": "waits for the membership, then for a thread",
    "Vendor.stockLevels": A_PAGE,
    "Vendor.wallet": "waits for the membership, then for one batch",
    "PackBalance.grants": A_PAGE,
    "PackGrant.uses": A_PAGE,
    "VendorStatement.entries": A_PAGE,
    "Wallet.entries": A_PAGE,
    "WalletStatement.entries": A_PAGE,
    "Vendor.taxRegistrations": "waits for the membership, then for one batch",
    "Vendor.suspension": "waits for the membership, then for one batch",
}


def fields(
    haat: strawberry.Schema, graph: GraphQLSchema
) -> Iterator[tuple[str, type, StrawberryField]]:
    """Yield the name, the type's class and the declaration of fields below the roots."""
    for type_ in graph.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name in ROOTS:
            continue
        for name, field in type_.fields.items():
            if declared := declared_field(field):
                yield f"{type_}.{name}", declared_class(type_), declared


def is_called(field: StrawberryField) -> bool:
    """Return whether a function is called for each object, and can do more than read the row."""
    if type(field) is not StrawberryField or field.base_resolver is None:
        return False
    return field.python_name != NODE_ID and (field.is_async or needs(field) is None)


def test_fields_that_are_called_one_by_one_have_a_reason(
    haat: strawberry.Schema, graph: GraphQLSchema
) -> None:
    called = {
        name
        for name, kind, field in fields(haat, graph)
        if is_called(field) and not issubclass(kind, Connection)  # the fields of one page
    }
    assert called == REASONS.keys(), (
        "declare the field with `column`, `related` or `@loaded`, or give the reason in REASONS"
    )


def test_every_field_of_a_row_declares_what_it_reads(
    haat: strawberry.Schema, graph: GraphQLSchema
) -> None:
    unknown = {
        name
        for name, kind, field in fields(haat, graph)
        if issubclass(kind, Rows) and needs(field) is None
    }
    assert unknown == set()


def test_what_fields_read_are_columns(haat: strawberry.Schema, graph: GraphQLSchema) -> None:
    for name, kind, field in fields(haat, graph):
        if issubclass(kind, Rows):
            columns = {*kind.table.model_fields}
            optional = {"locale"} if isinstance(field, LocalizedColumn) else set[str]()
            assert (needs(field) or set()) - optional <= columns, name


def test_a_related_field_without_a_key_can_be_null(graph: GraphQLSchema) -> None:
    """Without a key nothing is loaded, so a field that is never null would fail for the row."""
    related = 0
    for type_ in graph.type_map.values():
        kind = declared_class(type_) if isinstance(type_, GraphQLObjectType) else object
        if not (isinstance(type_, GraphQLObjectType) and issubclass(kind, Rows)):
            continue
        row_kind: Any = kind
        columns = row_kind.table.__table__.columns
        for name, field in type_.fields.items():
            declared = declared_field(field)
            if isinstance(declared, Related) and is_non_null_type(field.type):
                keys = [columns[one] for one in attributes(declared.by) if one in columns]
                assert not any(key.nullable for key in keys), f"{type_}.{name}"
                related += 1
    assert related > 50


def test_a_loaded_field_declares_the_key_of_its_loader(
    haat: strawberry.Schema, graph: GraphQLSchema
) -> None:
    for name, kind, field in fields(haat, graph):
        if issubclass(kind, Rows) and isinstance(field, Loaded):
            keys = {*attributes(field.by)} & {*kind.table.model_fields}
            assert keys <= {"id", *(needs(field) or ())}, name


def test_a_field_without_a_declaration_needs_a_reason() -> None:
    field = strawberry.field(resolver=lambda root: root.created_at, graphql_type=str)
    assert is_called(field)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("Offer.title", {"title", "locale"}),
        ("Offer.remaining", {"capacity", "claimed"}),
        ("Offer.vendor", {"vendor_id"}),
        ("Offer.id", {"id"}),
        ("Voucher.code", {"code", "user_id"}),
        ("Voucher.claimedAt", {"created_at"}),
        ("Conversation.lastMessage", {"id", "last_sequence"}),
        ("Conversation.subject", {"subject_kind", "subject_id"}),
        ("Vendor.offers", {"id"}),
        ("Vendor.answersNow", {"id", "time_zone"}),
    ],
)
def test_a_declaration_names_what_it_reads(
    haat: strawberry.Schema, graph: GraphQLSchema, field: str, wanted: set[str]
) -> None:
    found = {name: needs(declared) for name, _, declared in fields(haat, graph)}
    assert set(found[field] or ()) == wanted
