"""The operator of the demo marketplace: its name, and the account from which its bank pays.

Without them there are no receipts of top-ups, invoices for packs and commission, and files of
payouts.
"""

from collections.abc import Mapping

from core.settings import Settings

PLATFORM = {
    "PLATFORM_NAME": "Haat Demo Private Limited",
    "PLATFORM_ADDRESS": "12 MG Road; Bengaluru 560001",
    "PLATFORM_REGION": "Karnataka",
    "PLATFORM_TAX_ID": "29AAGCB7383J1Z4",
}
ACCOUNT = {"PAYOUT_DEBTOR_NAME": "Haat Demo", "PAYOUT_DEBTOR_ACCOUNT": "50200012345678"}


def settings_of_operator(settings: Settings) -> Mapping[str, str]:
    """Return what the settings lack of the operator."""
    platform = {} if settings.platform_name else PLATFORM
    account = {} if settings.payout_debtor_name else ACCOUNT
    return platform | account
