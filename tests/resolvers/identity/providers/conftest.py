"""An app whose Google and Facebook are a local provider."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from services.audit.recorder import AuditRecorder
from tests.apps import endpoint_of
from tests.client import Client
from tests.resolvers.identity.providers.redirects import SignInShop, with_provider
from tests.sign_in_provider import LocalProvider, providing


@pytest.fixture(scope="session")
def local_provider() -> Iterator[LocalProvider]:
    with providing() as provider:
        yield provider


@pytest.fixture(scope="session")
async def sign_in_app(
    settings: Settings, local_provider: LocalProvider, audits: list[AuditRecorder]
) -> AsyncIterator[Starlette]:
    app = create_app(with_provider(settings, local_provider.url))
    audits.append(endpoint_of(app).app.audit)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def shop(
    sign_in_app: Starlette, local_provider: LocalProvider, keys: SigningKeys
) -> AsyncIterator[SignInShop]:
    """Return a shop whose provider is honest, with a browser without cookies."""
    local_provider.is_honest()
    transport = httpx.ASGITransport(app=sign_in_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield SignInShop(sign_in_app, Client(http, keys), local_provider)
