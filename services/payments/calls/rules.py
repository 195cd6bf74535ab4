"""The rules of each purpose of a call."""

from collections.abc import Mapping

from models.payments.calls import CallPurpose
from services.disputes.accepting import Accepting
from services.disputes.sending import Answering
from services.payments.calls.cancelling import Cancelling
from services.payments.calls.paying import Paying
from services.payments.calls.purposes import CallRules
from services.payouts.calls import PayingOut
from services.refunds.sending import Refunding

RULES: Mapping[CallPurpose, CallRules] = {
    CallPurpose.PAY: Paying(),
    CallPurpose.CANCEL: Cancelling(),
    CallPurpose.PAYOUT: PayingOut(),
    CallPurpose.REFUND: Refunding(),
    CallPurpose.ANSWER: Answering(),
    CallPurpose.ACCEPT: Accepting(),
}
