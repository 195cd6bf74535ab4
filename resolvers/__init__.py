"""The root types Query and Mutation, composed from the domains."""

import strawberry

from resolvers.addresses import AddressMutation, AddressQuery
from resolvers.admins import AdminMutation, AdminQuery
from resolvers.applications import ApplicationMutation, ApplicationQuery
from resolvers.audit import AuditQuery
from resolvers.bookings import BookingsMutation, BookingsQuery
from resolvers.carts import CartMutation, CartQuery
from resolvers.catalog import CatalogMutation, CatalogQuery
from resolvers.categories import CategoryMutation, CategoryQuery
from resolvers.chat import ChatMutation, ChatQuery
from resolvers.checkouts import CheckoutMutation, CheckoutQuery
from resolvers.disputes import DisputeMutation, DisputeQuery
from resolvers.downloads import DownloadMutation, DownloadQuery
from resolvers.events import EventsMutation, EventsQuery
from resolvers.fraud import FraudMutation, FraudQuery
from resolvers.gifts import GiftMutation, GiftQuery
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.invoices import InvoiceMutation, InvoiceQuery
from resolvers.ledger import LedgerMutation, LedgerQuery
from resolvers.members import MemberMutation, MemberQuery
from resolvers.node import NodeQuery
from resolvers.notifications import NotificationMutation, NotificationQuery
from resolvers.offers import OffersMutation, OffersQuery
from resolvers.orders import OrderMutation, OrderQuery, VendorOrderQuery
from resolvers.packs import PackMutation, PackQuery
from resolvers.payments import PaymentMutation, PaymentQuery
from resolvers.payouts import PayoutMutation, PayoutQuery
from resolvers.pets import PetMutation, PetQuery
from resolvers.privacy import PrivacyMutation, PrivacyQuery
from resolvers.promos import PromoMutation, PromoQuery
from resolvers.purchases import PurchaseMutation, PurchaseQuery
from resolvers.redemptions import RedemptionMutation, RedemptionQuery
from resolvers.refunds import RefundMutation, RefundQuery
from resolvers.searches import SearchMutation, SearchQuery
from resolvers.shipments import ShipmentMutation
from resolvers.shipping import ShippingMutation, ShippingQuery
from resolvers.stock import StockMutation, StockQuery
from resolvers.taxes import TaxMutation, TaxQuery
from resolvers.uploads import UploadMutation
from resolvers.vendors import VendorMutation, VendorQuery


@strawberry.type(description="Root fields that read. They run in parallel.")
class Query(
    NodeQuery,
    IdentityQuery,
    AdminQuery,
    CategoryQuery,
    VendorQuery,
    ApplicationQuery,
    MemberQuery,
    OffersQuery,
    SearchQuery,
    CatalogQuery,
    StockQuery,
    PetQuery,
    EventsQuery,
    BookingsQuery,
    RedemptionQuery,
    GiftQuery,
    ChatQuery,
    NotificationQuery,
    AuditQuery,
    PrivacyQuery,
    AddressQuery,
    PromoQuery,
    ShippingQuery,
    TaxQuery,
    OrderQuery,
    CartQuery,
    CheckoutQuery,
    VendorOrderQuery,
    LedgerQuery,
    DownloadQuery,
    PaymentQuery,
    PayoutQuery,
    PurchaseQuery,
    PackQuery,
    RefundQuery,
    DisputeQuery,
    FraudQuery,
    InvoiceQuery,
):
    pass


@strawberry.type(description="Root fields that write. They run one after another.")
class Mutation(
    IdentityMutation,
    AdminMutation,
    CategoryMutation,
    VendorMutation,
    ApplicationMutation,
    MemberMutation,
    OffersMutation,
    SearchMutation,
    CatalogMutation,
    StockMutation,
    PetMutation,
    EventsMutation,
    BookingsMutation,
    RedemptionMutation,
    GiftMutation,
    ChatMutation,
    UploadMutation,
    NotificationMutation,
    PrivacyMutation,
    AddressMutation,
    PromoMutation,
    ShippingMutation,
    TaxMutation,
    CartMutation,
    CheckoutMutation,
    OrderMutation,
    ShipmentMutation,
    PaymentMutation,
    LedgerMutation,
    DownloadMutation,
    PayoutMutation,
    PurchaseMutation,
    PackMutation,
    RefundMutation,
    DisputeMutation,
    FraudMutation,
    InvoiceMutation,
):
    pass
