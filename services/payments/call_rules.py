"""The rules of each purpose of a call."""

from collections.abc import Mapping

from models.payments.calls import CallPurpose
from services.payments.cancelling import Cancelling
from services.payments.paying import Paying
from services.payments.purposes import CallRules

RULES: Mapping[CallPurpose, CallRules] = {
    CallPurpose.PAY: Paying(),
    CallPurpose.CANCEL: Cancelling(),
}
