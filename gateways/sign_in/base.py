"""Users of a provider, as it describes them."""

from dataclasses import dataclass
from typing import Protocol


class ProviderFailed(Exception):
    """The provider did not answer, or its answer proves nothing. The text has no secrets.

    `code` is that of OAuth (RFC 6749, 5.2), if it refused the request.
    """

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class ProviderClient:
    """The registration of this server at a provider."""

    id: str
    secret: str


@dataclass(frozen=True)
class ProviderExchange:
    """A redirect to a provider and back: where to, and the secrets that bind its answer."""

    redirect_uri: str
    state: str
    verifier: str
    nonce: str


@dataclass(frozen=True)
class ProviderProfile:
    """A user of a provider. The address and the name are as the provider wrote them.

    `email_proven` is whether the provider alone decides who has the address.
    """

    issuer: str
    subject: str
    email: str | None
    email_proven: bool
    name: str | None


class SignInGateway(Protocol):
    """A provider. Its coroutines raise `ProviderFailed`."""

    async def authorization_url(self, exchange: ProviderExchange) -> str:
        """Return the page on which the user consents."""

    async def fetch_profile(self, exchange: ProviderExchange, code: str) -> ProviderProfile:
        """Return the user who consented. `code` is that of the redirect."""

    async def check(self) -> None:
        """Try the id and the secret of this server."""

    async def close(self) -> None: ...
