"""Ways to pay: which providers can be chosen, and whether a payment by one is possible."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.settings import Settings
from gateways.payments.gateway import PaymentGateways
from models.errors import InvalidInput, NotFound
from models.payments.methods import PaymentMethod
from models.payments.payments import MAX_URL, Payment, PaymentProvider, PaymentStatus
from models.payments.ways import MINIMUMS, PaymentTooSmall, PaymentWay, ProviderNotAvailable
from services.viewer import Viewer


@dataclass(frozen=True)
class WaysToPay:
    """The ways to pay that this process offers.

    Buyers return to `return_urls`, and in development to any page of `local_origins`, a pattern.
    """

    gateways: PaymentGateways
    return_urls: Collection[str]
    keys: Mapping[PaymentProvider, str]  # for forms in clients
    local_origins: str | None = None

    @classmethod
    def of(cls, gateways: PaymentGateways, settings: Settings) -> "WaysToPay":
        keys = {PaymentProvider.STRIPE: settings.stripe_publishable_key}
        return cls(gateways, settings.payment_return_urls, keys, settings.local_origins)

    def takes(self, provider: PaymentProvider, currency: str) -> bool:
        """Return whether payments in a currency can be made by a provider."""
        if not provider.is_online:
            return True
        gateway = self.gateways.get(provider)
        if gateway is None:
            return False
        return gateway.payment_currencies is None or currency in gateway.payment_currencies

    def list_providers(self, currency: str) -> Iterator[tuple[PaymentProvider, int]]:
        """Yield the online providers for a currency, with the least amount that each takes."""
        for provider in self.gateways:
            if self.takes(provider, currency):
                yield provider, MINIMUMS[provider].get(currency, 1)

    def ensure_valid(self, way: PaymentWay) -> None:
        """Raise `ProviderNotAvailable` or `InvalidInput` for what cannot be chosen at all."""
        if way.provider.is_online and way.provider not in self.gateways:
            raise ProviderNotAvailable(field=["provider"])
        self.ensure_return_url(way.return_url)
        if not way.provider.is_online and (way.method_id or way.saves_method):
            raise InvalidInput("Only methods of a payment provider are saved.", field=["provider"])

    def ensure_return_url(self, url: str | None) -> None:
        """Raise `InvalidInput` for an address to which the server redirects no one."""
        if url is not None and not self._returns_to(url):
            raise InvalidInput("The server does not redirect to this address.", field=["returnUrl"])

    def ensure_possible(self, way: PaymentWay, amount: int, currency: str) -> None:
        """Raise `ProviderNotAvailable` or `PaymentTooSmall`."""
        if not self.takes(way.provider, currency):
            raise ProviderNotAvailable(field=["provider"])
        if amount < MINIMUMS.get(way.provider, {}).get(currency, 1):
            raise PaymentTooSmall(field=["provider"])

    def _returns_to(self, url: str) -> bool:
        """Return whether buyers may come back here. Clients add parameters, such as the order."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        page = parts._replace(query="", fragment="").geturl()
        if len(url) > MAX_URL or parts.fragment or parts.geturl() != url:
            return False
        return page in self.return_urls or self._is_local(f"{parts.scheme}://{parts.netloc}")

    def _is_local(self, origin: str) -> bool:
        """Return whether a developer serves pages of this origin on this machine."""
        return self.local_origins is not None and bool(re.fullmatch(self.local_origins, origin))


async def ensure_own_method(session: AsyncSession, viewer: Viewer, way: PaymentWay) -> None:
    """Raise `NotFound` unless the method is the viewer's, and of this provider."""
    if way.method_id is None:
        return
    rows = select(PaymentMethod.id).where(
        PaymentMethod.id == way.method_id,
        PaymentMethod.user_id == viewer.require_user(),
        PaymentMethod.provider == way.provider,
    )
    if (await session.exec(rows)).first() is None:
        raise NotFound


def new_payment(way: PaymentWay, amount: int, currency: str, **values: Any) -> Payment:
    """Return a payment that is to be made in a way. Online ones are PLANNED, with a call."""
    is_online = way.provider.is_online
    return Payment(
        provider=way.provider,
        status=PaymentStatus.PLANNED if is_online else PaymentStatus.OPEN,
        amount=amount,
        currency=currency,
        return_url=way.return_url if is_online else None,
        method_id=way.method_id,
        saves_method=way.saves_method,
        **values,
    )
