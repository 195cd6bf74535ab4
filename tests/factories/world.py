"""Everything that a test can create."""

from tests.factories.addresses import AddressRows
from tests.factories.applications import ApplicationRows
from tests.factories.bookings import BookingRows
from tests.factories.carts import CartRows
from tests.factories.checkouts import CheckoutRows
from tests.factories.events import EventRows
from tests.factories.factors import FactorRows
from tests.factories.ledger import LedgerRows
from tests.factories.notifications import NotificationRows
from tests.factories.offers import OfferRows
from tests.factories.orders import OrderRows
from tests.factories.packs import PackRows
from tests.factories.payouts import PayoutRows
from tests.factories.pets import PetRows
from tests.factories.promos import PromoRows
from tests.factories.redemptions import RedemptionRows
from tests.factories.shipping import ShippingRows
from tests.factories.taxes import TaxRows
from tests.factories.uploads import UploadRows
from tests.factories.vendors import VendorRows


class World(
    AddressRows,
    ApplicationRows,
    BookingRows,
    CartRows,
    CheckoutRows,
    EventRows,
    FactorRows,
    LedgerRows,
    NotificationRows,
    OfferRows,
    OrderRows,
    PayoutRows,
    PackRows,
    PetRows,
    PromoRows,
    RedemptionRows,
    ShippingRows,
    TaxRows,
    UploadRows,
    VendorRows,
):
    """Creates rows of all domains. Each is valid unless the arguments change that."""
