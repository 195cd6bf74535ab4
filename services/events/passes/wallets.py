"""The wallets whose passes this deployment makes."""

from dataclasses import dataclass
from typing import Self

from core.security import service_account
from core.security.pass_certificates import PassCertificates
from core.settings import Settings
from services.events.passes.google import GoogleWallet


@dataclass
class Wallets:
    """The keys that sign passes. None for a wallet that is not set up."""

    apple: PassCertificates | None
    google: GoogleWallet | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        certificates, credentials = settings.apple_pass_certificates, settings.google_wallet_account
        apple = google = None
        if certificates:
            apple = PassCertificates.read(certificates)
        if credentials:
            account = service_account.read(credentials)
            google = GoogleWallet(settings.google_wallet_issuer, account)
        return cls(apple, google)
