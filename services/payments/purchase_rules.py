"""The rules of each kind of purchase. A kind without rules is not sold yet."""

from collections.abc import Mapping

from models.purchases import PurchaseKind
from services.payments.purchase_kinds import PurchaseRules

RULES: Mapping[PurchaseKind, PurchaseRules] = {}
