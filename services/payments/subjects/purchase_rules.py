"""The rules of each kind of purchase."""

from collections.abc import Mapping

from models.purchases import PurchaseKind
from services.payments.subjects.purchase_kinds import PurchaseRules
from services.purchases.settling import PlatformSales

RULES: Mapping[PurchaseKind, PurchaseRules] = dict.fromkeys(PurchaseKind, PlatformSales())
