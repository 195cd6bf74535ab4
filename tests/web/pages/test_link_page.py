"""The pages of links, in production too."""

import re

import httpx
import pytest

from core.documents.trusted_documents import sha256
from core.settings import Settings
from tests.web.conftest import called
from web.pages.link import DOCUMENTS, trusted_documents

TOKEN = {"token": "unknown"}
VARIABLES = {
    sha256(DOCUMENTS[name]): variables
    for name, variables in {
        "auth_link": TOKEN,
        "verify_email": {"input": TOKEN},
        "log_out": {"input": {}},
        "reset_password": {"input": TOKEN | {"password": "kitchen-ladder-74"}},
        "undo_change": {"input": TOKEN},
        "accept_admin_invitation": {"input": TOKEN | {"password": "x"}},
        "invitation": TOKEN,
        "log_in": {"input": {"email": "nobody@haat.example", "password": "x"}},
        "confirm_second_factor": {"input": {"challengeId": "unknown", "totp": "000000"}},
        "accept_invitation": {"input": TOKEN},
        "decline_invitation": {"input": TOKEN},
        "download_my_data": {"input": TOKEN},
        "cancel_account_deletion": {"input": TOKEN},
        "linked_booking": TOKEN,
        "confirm_attendance_by_link": {"input": TOKEN},
        "cancel_booking_by_link": {"input": TOKEN},
    }.items()
}
NAMES = ("link", "password", "email", "undo", "admin", "invitation", "keep", "export")
PAGES = (*(f"/auth/{name}" for name in NAMES), "/booking")
LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


@pytest.mark.parametrize("path", PAGES)
async def test_production_has_the_pages(settings: Settings, path: str) -> None:
    production = settings.model_copy(update={"environment": "production", "graphiql": False})
    async with called(production) as client:
        page = await client.get(path)
        assert page.status_code == 200
        for asset in LOADED.findall(page.text):
            assert (await client.get(asset)).status_code == 200
        assert (await client.post(path)).status_code == 405


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_no_script_but_its_own(http: httpx.AsyncClient, path: str) -> None:
    page = await http.get(path)
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
    for hash, document in trusted_documents().items():
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash}}
        variables = VARIABLES[hash]
        body = {"query": document, "variables": variables, "extensions": extensions}
        answer = (await trusting.post("/graphql", json=body)).json()
        codes = [one["extensions"]["code"] for one in answer.get("errors", [])]
        assert codes in ([], ["UNAUTHENTICATED"]), document


def test_every_document_is_tried() -> None:
    assert VARIABLES.keys() == trusted_documents().keys()
