"""Runs operations of GraphiQL's tabs against a copy of the demo data."""

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from app import create_app
from core.database import Database
from core.ids import new_id
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.identity.accounts import PASSWORD, DemoAccount
from demo.shown import DemoData
from tests import servers
from tests.client import Client
from web.pages.routes import find_ids
from web.pages.tabs import make_tabs

LOG_IN = """
    mutation ($input: LogInInput!) {
      logIn(input: $input) { session { accessToken } errors { code } }
    }
"""


@dataclass(frozen=True)
class Tabs:
    """Runs operations of the tabs with their variables."""

    tabs: dict[str, dict[str, str]]
    api: Client

    async def as_account(self, account: DemoAccount) -> "Tabs":
        given = {"email": account.email, "password": PASSWORD}
        found = await self.api.ask(LOG_IN, input=given)
        return Tabs(self.tabs, self.api.bearing(found["logIn"]["session"]["accessToken"]))

    async def run(self, title: str, operation: str, **changes: Any) -> dict[str, Any]:
        """Return the data of an operation, which has no errors. Changes are put into its inputs."""
        tab = self.tabs[title]
        variables = json.loads(tab["variables"])
        for name, change in changes.items():
            variables[name] = variables[name] | change if isinstance(change, dict) else change
        body = {"query": tab["query"], "operationName": operation, "variables": variables}
        response = await self.api.http.post("/graphql", json=body, headers=self.api.headers)
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        for payload in data.values():
            if isinstance(payload, dict):
                assert payload.get("errors", []) == [], payload["errors"]
        return data


@asynccontextmanager
async def open_tabs(
    settings: Settings, keys: SigningKeys, demo_data: str, names: Collection[str]
) -> AsyncIterator[Tabs]:
    """Yield the tabs, whose variables of these names have values."""
    name = f"haat_tabs_{new_id().hex}"
    await servers.create_database(name, demo_data)
    own = settings.model_copy(update={"database_url": servers.url_of(name)})
    database = Database(own.sqlalchemy_url)
    ids = await find_ids(DemoData(database, Sealer(keys)))
    await database.close()
    assert [name for name in names if not ids[name]] == []
    app = create_app(own)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            yield Tabs(
                {tab["title"]: tab for tab in make_tabs(ids, "http://127.0.0.1:8000")},
                Client(http, keys),
            )
