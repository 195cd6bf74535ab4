"""The page of a mail's link, in production too."""

import re

import httpx
import pytest

from core.settings import Settings
from tests.web.conftest import called
from web.pages.link import DOCUMENTS, trusted_documents

LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


async def test_production_has_the_page(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production", "graphiql": False})
    async with called(production) as client:
        page = await client.get("/auth/link")
        assert page.status_code == 200
        for asset in LOADED.findall(page.text):
            assert (await client.get(asset)).status_code == 200
        assert (await client.post("/auth/link")).status_code == 405


async def test_the_page_runs_no_script_but_its_own(http: httpx.AsyncClient) -> None:
    page = await http.get("/auth/link")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page.text)


@pytest.mark.parametrize(
    ("languages", "language", "title"),
    [("de-AT", "de", "Bestätige deine E-Mail-Adresse"), ("fr", "en", "Confirm your email address")],
)
async def test_the_page_is_in_the_language_of_the_browser(
    http: httpx.AsyncClient, languages: str, language: str, title: str
) -> None:
    page = await http.get("/auth/link", headers={"Accept-Language": languages})
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{title}</h1>" in page.text


async def test_the_documents_of_the_page_are_trusted(trusting: httpx.AsyncClient) -> None:
    for sha256, document in trusted_documents().items():
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256}}
        variables = {"input": {"token": "unknown"} if "verifyEmail" in document else {}}
        body = {"query": document, "variables": variables, "extensions": extensions}
        answer = (await trusting.post("/graphql", json=body)).json()
        codes = [one["extensions"]["code"] for one in answer.get("errors", [])]
        assert codes in ([], ["UNAUTHENTICATED"]), document
    assert DOCUMENTS.keys() == {"verify_email", "log_out"}
