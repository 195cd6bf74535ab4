"""The rules of each kind of purchase."""

from collections.abc import Mapping

from models.purchases import PurchaseKind
from services.payments.subjects.purchase_kinds import PurchaseRules
from services.payouts.debt_payments import DebtPayments
from services.purchases.settling import PlatformSales

RULES: Mapping[PurchaseKind, PurchaseRules] = {
    PurchaseKind.TOP_UP: PlatformSales(),
    PurchaseKind.PACK: PlatformSales(),
    PurchaseKind.DEBT: DebtPayments(),
}
