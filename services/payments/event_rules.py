"""The rules of events by what they are about. Events without rules are IGNORED."""

from collections.abc import Mapping

from gateways.payments.gateway import EventObject
from services.payments.event_kinds import EventRules
from services.payments.watching import PaymentEvents

RULES: Mapping[EventObject, EventRules] = {EventObject.PAYMENT: PaymentEvents()}
