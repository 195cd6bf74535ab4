"""The pages of development: they load nothing from elsewhere, and production has none."""

import re

import httpx
import pytest

from core.settings import Settings
from tests.web.conftest import called

LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"|from "(\.\.?/[^"]+)"')
LIVE, SCAN = "/live?as=owner@haat.example", "/scan?as=owner@haat.example"
PAGES = ["/", "/live", LIVE, "/scan", SCAN]


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_allows_no_script_but_our_own(http: httpx.AsyncClient, page: str) -> None:
    response = await http.get(page)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", response.text)


@pytest.mark.parametrize(
    ("page", "some"),
    [
        (LIVE, {"/static/live/till.js", "/static/live/chat.css"}),
        (SCAN, {"/static/scan/gate.js", "/static/live/session.js", "/static/scan/scan.css"}),
    ],
)
async def test_all_that_a_page_loads_is_here(
    http: httpx.AsyncClient, page: str, some: set[str]
) -> None:
    waiting, seen = [page], set[str]()
    while waiting:
        response = await http.get(waiting.pop())
        assert response.status_code == 200, response.url
        found = LOADED.findall(response.text)
        wanted = {asset or response.url.join(module).path for asset, module in found} - seen
        waiting += wanted
        seen |= wanted
    assert some <= seen


@pytest.mark.parametrize(("page", "allowed"), [(LIVE, "camera=()"), (SCAN, "camera=(self)")])
async def test_the_page_of_gates_alone_may_use_the_camera(
    http: httpx.AsyncClient, page: str, allowed: str
) -> None:
    response = await http.get(page)
    assert allowed in response.headers["Permissions-Policy"]


@pytest.mark.parametrize("page", PAGES)
async def test_production_has_no_such_pages(settings: Settings, page: str) -> None:
    async with called(settings.model_copy(update={"environment": "production"})) as client:
        assert (await client.get(page)).status_code == 404
