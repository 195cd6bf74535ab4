"""Two words find every file: the layer and the domain. What a domain must declare is declared."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry import Schema

from app import create_schema
from core.settings import HOME, Settings
from engine.loaders import Loader
from engine.types import Rows
from models.errors import Refusal
from services.i18n import CATALOGUES
from tests.test_architecture import sources

# The words of DESIGN and DOMAIN. Some are reserved for domains that are not there yet.
DOMAINS = {
    "identity",
    "admins",
    "vendors",
    "applications",
    "members",
    "categories",
    "offers",
    "searches",
    "redemptions",
    "gifts",
    "fraud",
    "scanners",
    "chat",
    "notifications",
    "uploads",
    "pictures",
    "catalog",
    "stock",
    "orders",
    "payments",
    "payouts",
    "ledger",
    "invoices",
    "events",
    "questions",
    "check_in",
    "tickets",
    "bookings",
    "pets",
    "reviews",
    "moderation",
    "campaigns",
    "scratch",
    "negotiations",
    "assistant",
    "books",
    "analytics",
    "endpoints",
    "features",
    "audit",
    "privacy",
    "pricing",
    "addresses",
    "packs",
    "promos",
    "purchases",
    "shipping",
    "carts",
    "downloads",
    "checkouts",
    "taxes",
    "shipments",
    "refunds",
    "disputes",
}
# Modules that serve all domains.
SHARED = {
    "models": {
        "base",
        "errors",
        "idempotency",
        "journal",
        "personal_data",
        "quotas",
        "registry",
        "scopes",
        "sealed_columns",
        "search",
        "slugs",
        "text",
        "validation",
    },
    "services": {
        "cells",
        "cleanup",
        "i18n",
        "idempotency",
        "jobs",
        "links",
        "journal",
        "near",
        "cleanup_tasks",
        "declarations",
        "public_changes",
        "quotas",
        "sealed_values",
        "search",
        "status",
        "subscription_access",
        "transaction",
        "viewer",
    },
    "dataloaders": set[str](),
    "schema": {"lazy", "links", "money", "quotas", "sorting", "subjects", "texts"},
    "resolvers": {"node"},
    "subscriptions": {"own_source", "presence", "vendor_source"},
    "jobs": {"context", "maintenance", "retries", "worker"},
    "demo": {"cities", "dataset", "insert", "operator", "rng", "seed", "shown", "toml_data"},
}


def modules(layer: str) -> set[str]:
    """Return the names of a layer's own modules and packages."""
    return {path.relative_to(HOME / layer).with_suffix("").parts[0] for path in sources(layer)}


@pytest.mark.parametrize("layer", SHARED)
def test_every_module_is_named_for_a_domain(layer: str) -> None:
    assert modules(layer) - DOMAINS - {"__init__"} == SHARED[layer]


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, also inside functions and for types alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def domain_of(module: str) -> str | None:
    layer, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return name if layer in SHARED and name in DOMAINS else None


def test_the_engine_imports_no_domain() -> None:
    context = HOME / "engine/context.py"  # names the parts of AppState
    found = [
        f"{path.relative_to(HOME)}: {module}"
        for path in sources("engine")
        if path != context
        for module in imported(path)
        if domain_of(module)
    ]
    assert found == []
    assert any(map(domain_of, imported(context))), "the search finds something"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return create_schema(Settings())


def test_every_node_names_its_access_query(schema: Schema) -> None:
    graph: GraphQLSchema = schema._schema
    nodes = {
        type_.name
        for type_ in graph.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        and "Node" in {interface.name for interface in type_.interfaces}
    }
    assert nodes == Rows.nodes.keys()
    assert all(isinstance(type_.access, Loader) for type_ in Rows.nodes.values())


def refusals(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from refusals(subclass)


@pytest.mark.usefixtures("schema")
@pytest.mark.parametrize("language", CATALOGUES)
def test_every_refusal_is_translated(language: str) -> None:
    translated = {message.id for message in CATALOGUES[language] if message.string}
    found = set(refusals())
    assert len(found) > 20
    missing = [each.__name__ for each in found if each.message not in translated]
    assert missing == [], f"translate its message in locales/{language}/LC_MESSAGES/haat.po"
