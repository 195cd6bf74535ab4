"""The Subscription type, composed of the root fields of each domain."""

import strawberry

from subscriptions.applications import ApplicationSubscription
from subscriptions.bookings.agenda import AgendaSubscription
from subscriptions.bookings.availability import AvailabilitySubscription
from subscriptions.bookings.bookings import BookingSubscription
from subscriptions.bookings.setup import BookingSetupSubscription
from subscriptions.bookings.waits import BookingWaitSubscription
from subscriptions.carts import CartSubscription
from subscriptions.catalog import CatalogSubscription
from subscriptions.chat import ChatSubscription
from subscriptions.disputes import DisputeSubscription
from subscriptions.events.check_in import CheckInSubscription
from subscriptions.events.dates import EventsSubscription
from subscriptions.events.sale_queue import SaleQueueSubscription
from subscriptions.events.tickets import TicketSubscription
from subscriptions.fraud import FraudSubscription
from subscriptions.invoices import InvoiceSubscription
from subscriptions.ledger import LedgerSubscription
from subscriptions.members import MemberSubscription
from subscriptions.offers.imports import OfferImportSubscription
from subscriptions.offers.offers import OfferSubscription
from subscriptions.orders import OrderSubscription
from subscriptions.packs import PacksSubscription
from subscriptions.payouts import PayoutSubscription
from subscriptions.pets import PetSubscription
from subscriptions.pictures import PictureSubscription
from subscriptions.presence import PresenceSubscription
from subscriptions.purchases import PurchaseSubscription
from subscriptions.redemptions import RedemptionSubscription
from subscriptions.stock import StockSubscription
from subscriptions.vendors import VendorSubscription


@strawberry.type(
    description="Streams of changes. Changes of the journal carry a `cursor` to resume from."
)
class Subscription(
    ChatSubscription,
    PresenceSubscription,
    RedemptionSubscription,
    OfferSubscription,
    ApplicationSubscription,
    VendorSubscription,
    MemberSubscription,
    PictureSubscription,
    CatalogSubscription,
    OfferImportSubscription,
    StockSubscription,
    CartSubscription,
    OrderSubscription,
    LedgerSubscription,
    PayoutSubscription,
    DisputeSubscription,
    FraudSubscription,
    PurchaseSubscription,
    InvoiceSubscription,
    PacksSubscription,
    PetSubscription,
    EventsSubscription,
    BookingSubscription,
    AvailabilitySubscription,
    AgendaSubscription,
    BookingSetupSubscription,
    BookingWaitSubscription,
    CheckInSubscription,
    SaleQueueSubscription,
    TicketSubscription,
):
    pass
