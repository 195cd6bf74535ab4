"""The rules of webhooks by what they are about. Those without rules are IGNORED."""

from collections.abc import Mapping

from gateways.payments.gateway import EventObject
from services.disputes.events import DisputeEvents
from services.payments.events.kinds import EventRules
from services.payments.watching import PaymentEvents
from services.payouts.events import PayoutAccountEvents, PayoutEvents
from services.refunds.events import PaymentRefundEvents, RefundEvents

RULES: Mapping[EventObject, EventRules] = {
    EventObject.PAYMENT: PaymentEvents(),
    EventObject.REFUND: RefundEvents(),
    EventObject.PAYMENT_REFUNDS: PaymentRefundEvents(),
    EventObject.DISPUTE: DisputeEvents(),
    EventObject.PAYOUT: PayoutEvents(),
    EventObject.ACCOUNT: PayoutAccountEvents(),
}
