"""The domain of passkeys and their origins come from the settings, never from a request."""

from typing import Any

import httpx
import pytest

from app import create_app
from core.settings import Settings
from web.webauthn_origins import PATH

SITES = ["https://haat.example", "https://shop.example"]
APP = "android:apk-key-hash:abc_123"


async def published(settings: Settings) -> httpx.Response:
    transport = httpx.ASGITransport(app=create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        return await http.get(PATH)


async def test_origins_are_published_if_there_are_several(settings: Settings) -> None:
    several = {"passkey_origins": [*SITES, APP], "passkey_domain": "haat.example"}
    response = await published(settings.model_copy(update=several))
    assert response.json() == {"origins": SITES}
    assert (await published(settings)).status_code == 404


@pytest.mark.parametrize(
    ("given", "domain", "origins"),
    [
        ({"public_url": "https://api.haat.example/v1"}, "api.haat.example", None),
        ({"public_url": "http://127.0.0.1:8000"}, "localhost", ["http://localhost:8000"]),
        ({}, "localhost", ["http://localhost:8000"]),
        ({"passkey_domain": "haat.example", "passkey_origins": f"{SITES[0]}, {APP}"},
         "haat.example", [SITES[0], APP]),
    ],
)  # fmt: skip
def test_the_relying_party_of_settings(
    given: dict[str, Any], domain: str, origins: list[str] | None
) -> None:
    party = Settings(_env_file=None, **given).relying_party
    assert party.id == domain
    assert list(party.origins) == (origins or [f"https://{domain}"])
