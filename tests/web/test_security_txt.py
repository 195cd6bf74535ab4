"""The contact for vulnerabilities is published if there is one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app import create_app
from core.clock import now
from core.settings import Settings
from web.security_txt import PATH, content

CONTACT = "mailto:security@shop.example"


@pytest.fixture
async def published(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update={"security_contact": CONTACT}))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
        yield http


async def test_security_txt_has_contact_and_expiry(published: httpx.AsyncClient) -> None:
    response = await published.get(PATH)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == CONTACT
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < expires - now() < timedelta(days=365)


async def test_without_a_contact_there_is_no_security_txt(http: httpx.AsyncClient) -> None:
    assert (await http.get(PATH)).status_code == 404


def test_content_is_the_format_of_rfc_9116() -> None:
    moment = datetime(2026, 11, 28, 22, 14, 7, 5, tzinfo=UTC)
    assert content(CONTACT, moment) == (
        "Contact: mailto:security@shop.example\r\nExpires: 2027-02-26T00:00:00Z\r\n"
    )
