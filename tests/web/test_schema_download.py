"""The schema can be downloaded where the operator allows it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from graphql import build_schema

from core.settings import Settings
from tests.web.conftest import called
from web.schema_download import PATH, SDL


@pytest.fixture(scope="module")
async def published(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    changed = {"environment": "production", "schema_download": True}
    async with called(settings.model_copy(update=changed)) as client:
        yield client


async def test_production_publishes_the_schema_if_enabled(published: httpx.AsyncClient) -> None:
    response = await published.get(PATH)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.text == SDL.read_text()
    assert "Offer" in build_schema(response.text).type_map


@pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"other", {tag}'])
async def test_a_known_schema_is_not_sent_again(published: httpx.AsyncClient, sent: str) -> None:
    tag = (await published.get(PATH)).headers["ETag"]
    response = await published.get(PATH, headers={"If-None-Match": sent.format(tag=tag)})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == tag


async def test_another_schema_is_sent(published: httpx.AsyncClient) -> None:
    assert (await published.get(PATH, headers={"If-None-Match": '"old"'})).status_code == 200


async def test_production_does_not_publish_it_by_default(settings: Settings) -> None:
    async with called(settings.model_copy(update={"environment": "production"})) as client:
        assert (await client.get(PATH)).status_code == 404


@pytest.mark.parametrize(("download", "status"), [(None, 200), (True, 200), (False, 404)])
async def test_development_publishes_it_unless_disabled(
    settings: Settings, download: bool | None, status: int
) -> None:
    changed = {"environment": "development", "schema_download": download}
    async with called(settings.model_copy(update=changed)) as client:
        assert (await client.get(PATH)).status_code == status
