"""Each row leads to those that it belongs to."""

from collections.abc import Iterator

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, print_schema

from engine.types import Rows
from models.identity.accounts import User

# These owners are reached in another way: by a field of the caller, or of the list with the rows.
UNNAMED = {
    "DeskSale.TicketHold": "its lines, as `holdLines`",
    "Device.UserSession": "of the caller alone",
    "DigitalAsset.Upload": "`fileName` and the like",
    "DigitalAsset.Vendor": "of its variant",
    "DownloadGrant.SubOrder": "of its line",
    "FraudCaseNote.FraudCase": "it is a part of the case",
    "LicenseKey.Vendor": "of its variant",
    "MessageReport.Conversation": "of its message",
    "Order.Checkout": "it has ended",
    "PriceCategory.Chart": "it is a part of the chart",
    "OfferImportRow.OfferImport": "it is a part of the import",
    "SavedSearchHit.SavedSearch": "it is a part of the search",
    "ProductImportRow.ProductImport": "it is a part of the import",
    "QuotaUse.PackGrant": "it is a part of the grant",
    "Shipment.Vendor": "of its sub-order",
    "ShippingRate.ShippingZone": "members alone see zones",
    "ShippingRate.Vendor": "of its zone",
    "Variant.Vendor": "of its product",
    "WalletEntry.LedgerAccount": "`source` and `target`",
    "DownloadAttempt.DownloadGrant": "it is a part of the grant",
}


def owners(graph: GraphQLSchema) -> Iterator[tuple[str, bool]]:
    """Return each type with one that its rows cannot be without, and whether a field has it."""
    names = {kind.table.__tablename__: name for name, kind in Rows.nodes.items()}
    for name, kind in Rows.nodes.items():
        found = graph.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        fields = {get_named_type(field.type).name for field in found.fields.values()}
        for key in kind.table.__table__.foreign_key_constraints:  # type: ignore[attr-defined]
            owner = names.get(key.referred_table.name)
            required = not any(column.nullable for column in key.columns)
            if owner is not None and required and key.referred_table.name != User.__tablename__:
                yield f"{name}.{owner}", owner in fields


def lacking(graph: GraphQLSchema) -> set[str]:
    return {place for place, has_field in owners(graph) if not has_field}


def test_rows_lead_to_their_owners(graph: GraphQLSchema) -> None:
    assert lacking(graph) == UNNAMED.keys()


def test_a_type_without_its_owner_is_found(graph: GraphQLSchema) -> None:
    altered = build_schema(print_schema(graph))
    offer = altered.type_map["Offer"]
    assert isinstance(offer, GraphQLObjectType)
    del offer.fields["vendor"]
    assert lacking(altered) - UNNAMED.keys() == {"Offer.Vendor"}
