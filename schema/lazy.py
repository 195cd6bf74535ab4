"""References to types that are defined in a later module: the only cycles between modules."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.admins.types import UserSuspension
    from schema.applications.types import VendorApplication
    from schema.bookings.bookings import Booking
    from schema.bookings.series import BookingSeries
    from schema.bookings.setting_up.resources import Resource
    from schema.bookings.setting_up.services import Service
    from schema.catalog.imports import ProductImportConnection
    from schema.catalog.types import ManagedProductConnection, Product, Variant
    from schema.categories.types import Category
    from schema.chat.conversations import Conversation
    from schema.chat.messages import Message, MessageConnection
    from schema.checkouts.problems import CheckoutProblem
    from schema.disputes.types import Dispute
    from schema.downloads.types import DigitalAsset, DownloadGrant, LicenseKey
    from schema.events.check_in.lists import CheckInList, Scan, Scanner
    from schema.events.selling.sale_queue import SaleQueue
    from schema.events.tickets import Ticket
    from schema.events.transfers import TicketTransfer
    from schema.events.types import Event, EventDate, Venue
    from schema.identity.types import User
    from schema.invoices.types import Invoice
    from schema.members.types import Member, MemberInvitation
    from schema.offers.imports import OfferImportConnection
    from schema.offers.types import Offer
    from schema.orders.returns import ReturnRequest
    from schema.orders.steps import OrderStep
    from schema.orders.types import Order, OrderLine, Payment, SubOrder
    from schema.packs.types import Pack, PackGrant
    from schema.payments.types import Refund, RefundAmount, RefundLine, RefundPart
    from schema.pets.types import Pet
    from schema.purchases.types import Purchase
    from schema.redemptions.types import Redemption, Voucher
    from schema.shipments.types import Shipment
    from schema.stock.types import StockLevel, StockLevelConnection
    from schema.vendors.types import Vendor

LazyBookingSeries = Annotated["BookingSeries", strawberry.lazy("schema.bookings.series")]
LazyBooking = Annotated["Booking", strawberry.lazy("schema.bookings.bookings")]
LazyCategory = Annotated["Category", strawberry.lazy("schema.categories.types")]
LazyCheckInList = Annotated["CheckInList", strawberry.lazy("schema.events.check_in.lists")]
LazyCheckoutProblem = Annotated["CheckoutProblem", strawberry.lazy("schema.checkouts.problems")]
LazyDigitalAsset = Annotated["DigitalAsset", strawberry.lazy("schema.downloads.types")]
LazyDownloadGrant = Annotated["DownloadGrant", strawberry.lazy("schema.downloads.types")]
LazyLicenseKey = Annotated["LicenseKey", strawberry.lazy("schema.downloads.types")]
LazyManagedProductConnection = Annotated[
    "ManagedProductConnection", strawberry.lazy("schema.catalog.types")
]
LazyInvoice = Annotated["Invoice", strawberry.lazy("schema.invoices.types")]
LazyMember = Annotated["Member", strawberry.lazy("schema.members.types")]
LazyMemberInvitation = Annotated["MemberInvitation", strawberry.lazy("schema.members.types")]
LazyMessage = Annotated["Message", strawberry.lazy("schema.chat.messages")]
LazyMessageConnection = Annotated["MessageConnection", strawberry.lazy("schema.chat.messages")]
LazyOfferImportConnection = Annotated[
    "OfferImportConnection", strawberry.lazy("schema.offers.imports")
]
LazyOffer = Annotated["Offer", strawberry.lazy("schema.offers.types")]
LazyOrder = Annotated["Order", strawberry.lazy("schema.orders.types")]
LazyOrderLine = Annotated["OrderLine", strawberry.lazy("schema.orders.types")]
LazyOrderStep = Annotated["OrderStep", strawberry.lazy("schema.orders.steps")]
LazyPack = Annotated["Pack", strawberry.lazy("schema.packs.types")]
LazyPackGrant = Annotated["PackGrant", strawberry.lazy("schema.packs.types")]
LazyPayment = Annotated["Payment", strawberry.lazy("schema.orders.types")]
LazyPet = Annotated["Pet", strawberry.lazy("schema.pets.types")]
LazyProduct = Annotated["Product", strawberry.lazy("schema.catalog.types")]
LazyProductImportConnection = Annotated[
    "ProductImportConnection", strawberry.lazy("schema.catalog.imports")
]
LazyPurchase = Annotated["Purchase", strawberry.lazy("schema.purchases.types")]
LazyRedemption = Annotated["Redemption", strawberry.lazy("schema.redemptions.types")]
LazyRefund = Annotated["Refund", strawberry.lazy("schema.payments.types")]
LazyRefundAmount = Annotated["RefundAmount", strawberry.lazy("schema.payments.types")]
LazyRefundLine = Annotated["RefundLine", strawberry.lazy("schema.payments.types")]
LazyRefundPart = Annotated["RefundPart", strawberry.lazy("schema.payments.types")]
LazyResource = Annotated["Resource", strawberry.lazy("schema.bookings.setting_up.resources")]
LazyReturnRequest = Annotated["ReturnRequest", strawberry.lazy("schema.orders.returns")]
LazyScanner = Annotated["Scanner", strawberry.lazy("schema.events.check_in.lists")]
LazyService = Annotated["Service", strawberry.lazy("schema.bookings.setting_up.services")]
LazyShipment = Annotated["Shipment", strawberry.lazy("schema.shipments.types")]
LazyStockLevel = Annotated["StockLevel", strawberry.lazy("schema.stock.types")]
LazyStockLevelConnection = Annotated["StockLevelConnection", strawberry.lazy("schema.stock.types")]
LazySubOrder = Annotated["SubOrder", strawberry.lazy("schema.orders.types")]
LazyUser = Annotated["User", strawberry.lazy("schema.identity.types")]
LazyUserSuspension = Annotated["UserSuspension", strawberry.lazy("schema.admins.types")]
LazyVariant = Annotated["Variant", strawberry.lazy("schema.catalog.types")]
LazyVendor = Annotated["Vendor", strawberry.lazy("schema.vendors.types")]
LazyVendorApplication = Annotated["VendorApplication", strawberry.lazy("schema.applications.types")]
LazyVoucher = Annotated["Voucher", strawberry.lazy("schema.redemptions.types")]
LazyConversation = Annotated["Conversation", strawberry.lazy("schema.chat.conversations")]
LazyEvent = Annotated["Event", strawberry.lazy("schema.events.types")]
LazyEventDate = Annotated["EventDate", strawberry.lazy("schema.events.types")]
LazyVenue = Annotated["Venue", strawberry.lazy("schema.events.types")]
LazyTicket = Annotated["Ticket", strawberry.lazy("schema.events.tickets")]
LazySaleQueue = Annotated["SaleQueue", strawberry.lazy("schema.events.selling.sale_queue")]
LazyTicketTransfer = Annotated["TicketTransfer", strawberry.lazy("schema.events.transfers")]
LazyScan = Annotated["Scan", strawberry.lazy("schema.events.check_in.lists")]
LazyDispute = Annotated["Dispute", strawberry.lazy("schema.disputes.types")]
