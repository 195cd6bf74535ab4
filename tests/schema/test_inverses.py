"""Each row leads to those that refer to it, or a list finds them by it."""

from collections.abc import Iterator

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    print_schema,
)

from engine.types import Rows
from models.identity.accounts import User

# These rows are found in another way. Those of users are in the lists of the caller.
FOUND_OTHERWISE = {
    "Category.SavedSearch": "`savedSearches`, for their user alone",
    "City.SavedSearch": "`savedSearches`, for their user alone",
    "Vendor.SavedSearch": "`savedSearches`, for their user alone",
    "Offer.SavedSearchHit": "`hits` of its search",
    "Booking.BookingShift": "`bookingShifts` of its vendor",
    "BusyFeed.TimeBlock": "the agenda shows blocks",
    "CheckInGate.Scan": "`scans` of its list",
    "Checkout.Order": "`placeOrder` returns it, and the checkout has ended",
    "Conversation.MessageReport": "`reports`, for admins",
    "DigitalAsset.DownloadGrant": "`downloads` of its lines",
    "Dispute.RefundPart": "`refundParts` of its payment",
    "DownloadGrant.DownloadAttempt": "`downloadAttempts(grantId)`",
    "EventDate.DeskSale": "`sellAtDesk` returns it, and its tickets are those of the date",
    "EventDate.Ticket": "`tickets(eventDateIds)` for holders, `exportEventDate` for members",
    "EventDate.TicketHold": "`ticketHolds` of the viewer, few at a time",
    "LedgerAccount.WalletEntry": "`ledgerEntries`: each is of two accounts",
    "LedgerAdjustment.PromoMoney": "it is a part of the grant that admins see",
    "Member.Conversation": "`conversations` of the vendor",
    "Message.MessageReport": "`reports`, for admins",
    "Notification.Delivery": "`deadLetters`, for admins",
    "Offer.Message": "a message names the offer, and not the other way",
    "Order.TicketHold": "`tickets` of its lines",
    "Pack.PackGrant": "`grants` of a balance",
    "Pack.PackSubscription": "`packSubscriptions` of a vendor",
    "PaymentMethod.PackSubscription": "`packSubscriptions` of a vendor",
    "PayoutAccount.Payout": "`payouts` of its vendor",
    "Pet.BookingWait": "`bookingWaits` of the viewer",
    "PromoCode.TicketHold": "a hold is not an order yet",
    "Redemption.FraudCase": "`fraudCases` of the vendor",
    "Resource.BookingWait": "`bookingWaitlist` of its vendor",
    "Resource.CalendarFeed": "`calendarFeeds` of the viewer",
    "Resource.ClassMeeting": "the agenda shows meetings",
    "Service.BookingSeries": "`series` of its bookings",
    "Service.ClassMeeting": "the agenda shows meetings, and `slots` those that can be booked",
    "SubOrder.DownloadGrant": "`downloads` of its lines",
    "SubOrder.LicenseKey": "`licenseKeys` of its lines",
    "TicketHold.DeskSale": "a sale is the only one that sees its hold",
    "TicketType.EventQuestion": "`questions` of tickets and holds",
    "TicketType.Ticket": "a type has as many as its date",
    "Upload.DigitalAsset": "a file is not shared",
    "Upload.Message": "a file is not shared",
    "UserSession.Device": "`devices` of the viewer",
    "Variant.StockMovement": "`movements` of its stock",
    "Voucher.VoucherGift": "`voucherGifts` of the viewer",
    "Vendor.CalendarFeed": "`calendarFeeds` of the viewer",
    "Vendor.DigitalAsset": "`files` of its variants",
    "Vendor.LicenseKey": "`licenseKeys(variantId)`",
    "Vendor.PackGrant": "`grants` of a balance",
    "Vendor.PetNote": "`notes` of a pet",
    "Vendor.Shipment": "`shipments` of its parts of orders",
    "Vendor.ShippingRate": "`rates` of its zones",
    "Vendor.UserSession": "`sessions` of the viewer",
    "Vendor.Variant": "`variants` of its products",
    "Vendor.Voucher": "`voucher(code)`, so that members cannot list the vouchers of users",
    "VisitPayment.VisitPayment": "both are payments of the booking",
    "WaitlistEntry.TicketHold": "`ticketHolds` of the viewer",
}


def references(graph: GraphQLSchema) -> Iterator[tuple[str, bool]]:
    """Return each type with one whose rows refer to it, and whether it leads to them."""
    names = {kind.table.__tablename__: name for name, kind in Rows.nodes.items()}
    lists = [*_fields(graph.query_type)]
    for name, kind in Rows.nodes.items():
        for key in kind.table.__table__.foreign_key_constraints:  # type: ignore[attr-defined]
            owner = names.get(key.referred_table.name)
            if owner is None or key.referred_table.name == User.__tablename__:
                continue
            has_field = any(name in returned(one) for one in _fields(graph.type_map[owner]))
            argument = f"{owner}Id".lower()
            by_id = any(name in returned(one) and takes(one, argument) for one in lists)
            yield f"{owner}.{name}", has_field or by_id


def _fields(kind: object) -> Iterator[GraphQLField]:
    assert isinstance(kind, GraphQLObjectType)
    yield from kind.fields.values()


def returned(field: GraphQLField) -> set[str]:
    """Return the name of a field's type, and that of the rows of a page."""
    kind = get_named_type(field.type)
    names = {kind.name}
    if isinstance(kind, GraphQLObjectType) and "nodes" in kind.fields:
        names.add(get_named_type(kind.fields["nodes"].type).name)
    return names


def takes(field: GraphQLField, argument: str) -> bool:
    """Return whether a field has an argument, or one of the fields of an input, with this end."""
    for name, given in field.args.items():
        inside = getattr(get_named_type(given.type), "fields", {})
        if any(one.lower().endswith(argument) for one in (name, *inside)):
            return True
    return False


def lacking(graph: GraphQLSchema) -> set[str]:
    return {place for place, is_found in references(graph) if not is_found}


def test_rows_lead_to_those_that_refer_to_them(graph: GraphQLSchema) -> None:
    assert lacking(graph) == FOUND_OTHERWISE.keys()


def test_a_list_that_is_missing_is_found(graph: GraphQLSchema) -> None:
    altered = build_schema(print_schema(graph))
    pet, query = altered.type_map["Pet"], altered.query_type
    assert isinstance(pet, GraphQLObjectType)
    assert query is not None
    del pet.fields["bookings"], query.fields["seatCharts"]
    venue = altered.type_map["Venue"]
    assert isinstance(venue, GraphQLObjectType)
    assert lacking(altered) - FOUND_OTHERWISE.keys() == {"Pet.Booking"}
    del venue.fields["seatCharts"]
    assert "Venue.Chart" in lacking(altered)
