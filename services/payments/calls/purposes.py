"""Purposes of calls: what each asks a provider for, and what its answer changes."""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import PaymentGateway
from models.payments.calls import ProviderCall


@dataclass(frozen=True)
class Request:
    """The request of a call: a frozen dataclass, the same for each time it is sent.

    One that `is_over` is not sent. If it was sent before, its object is looked for: the money of a
    payment that is not wanted any more can have come.
    """

    wanted: Any
    is_over: bool = False


class CallRules(Protocol):
    """The rules of a purpose. `send` and `search` are called without a transaction.

    The others lock their subject and what is before it in the order of locks. All run again if a
    process ends in between, and have their effect once.
    """

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        """Return what is asked for, from rows. Locks nothing."""
        ...

    async def send(self, gateway: PaymentGateway, wanted: Any, *, key: str) -> Any:
        """Ask the provider, and return its answer."""
        ...

    async def search(self, gateway: PaymentGateway, wanted: Any) -> Any | None:
        """Return the answer of an earlier call whose answer was lost, None if there is none."""
        ...

    async def done(self, session: AsyncSession, call: ProviderCall, answer: Any) -> None:
        """Store the answer of the provider, as for a webhook."""
        ...

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        """Store that the provider refuses, or that the call is over and was never carried out."""
        ...
