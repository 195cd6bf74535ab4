"""Rules of the architecture: imports point one way, and some constructs have one place only."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import ConnectionPool

from app import create_app
from core.settings import HOME, Settings
from gateways.payments.gateway import PaymentGateway

LAYERS = (
    "commands",
    "core",
    "dataloaders",
    "demo",
    "engine",
    "gateways",
    "jobs",
    "models",
    "payments_stand_in",
    "resolvers",
    "schema",
    "services",
    "subscriptions",
    "tools",
    "web",
)
FOLDERS = (*LAYERS, "alembic", "benchmarks", "docs", "static", "tests")
LONGEST = 400
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base_service"}


def test_the_guide_has_the_layers_of_the_contract() -> None:
    contracts = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [one["layers"] for one in contracts["contracts"] if one["type"] == "layers"]
    line = "    app | " + " → ".join(layers) + "\n"
    assert line in (HOME / "CONTRIBUTING.md").read_text()


def sources(*folders: str) -> list[Path]:
    """Python files of these folders, or of the whole house."""
    roots = [HOME / folder for folder in folders or (*LAYERS, "alembic", "benchmarks", "tests")]
    found = [path for root in roots for path in root.rglob("*.py")]
    return found if folders else [*found, HOME / "app.py", HOME / "cli.py"]


def imported(path: Path) -> set[str]:
    """Return the names that a file imports, with their modules."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the last name of every call, such as `commit`, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node.lineno


def where(paths: list[Path], *names: str) -> list[str]:
    """Where any of these is called, as `file:line`."""
    return [
        f"{path.relative_to(HOME)}:{line}"
        for path in paths
        for name, line in calls(ast.parse(path.read_text()))
        if name in names
    ]


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([linter], cwd=HOME, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_rows_are_locked_by_the_two_helpers_alone() -> None:
    outside = [path for path in sources() if path != HOME / "core/database.py"]
    assert where(outside, "with_for_update") == []
    assert where([HOME / "core/database.py"], "with_for_update") != []


def test_only_the_unit_of_work_commits() -> None:
    inside = sources("services", "resolvers", "schema", "dataloaders", "models", "jobs")
    assert where(inside, "commit", "rollback") == []
    unit = HOME / "services/transaction.py"
    assert where([path for path in inside if path != unit], "begin_nested") == []
    beginning = where(sources("services", "resolvers", "jobs"), "begin")
    files = {place.partition(":")[0] for place in beginning}
    # They write what has no unit of work: refusals and reads, and uses of access tokens.
    recorders = {
        "services/audit/recorder.py",
        "services/identity/sessions/refresh_confirmations.py",
    }
    outside = {file for file in files if not file.startswith("jobs/")}
    assert outside == {"services/transaction.py", *recorders}


def test_mutations_open_one_unit_of_work_each() -> None:
    for path in sources("resolvers"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                opened = [name for name, _ in calls(node) if name == "transaction"]
                assert len(opened) <= 1, f"{path.name}: {node.name}"


def gateways() -> set[str]:
    """Return the names of the classes whose coroutines call providers."""
    return {
        node.name
        for path in sources("gateways")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(member, ast.AsyncFunctionDef) for member in node.body)
    }


# It takes no session, and prepares what another function stores.
PREPARING = {"services/uploads/ingest.py"}
# Money moves in three steps: a call is stored, the provider is asked, and its answer is stored.
MOVING_MONEY = {"disputes", "payments", "payouts", "refunds"}


def test_no_service_calls_a_provider() -> None:
    """A service takes a session, and a provider is never called inside a transaction."""
    assert {"MailSender", "PushSender", "ObjectStorage", "PaymentGateway"} <= gateways()
    for path in sources("services"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gateways")
            for alias in node.names
        }
        if str(path.relative_to(HOME)) in PREPARING:
            assert "AsyncSession" not in path.read_text()
        elif path.relative_to(HOME).parts[1] in MOVING_MONEY:
            assert names & gateways() <= {"PaymentGateway"}, path
        else:
            assert names.isdisjoint(gateways()), path
    sending = where(sources("services"), "send", "post", "urlopen")
    assert {place.partition(":")[0] for place in sending} == {"services/payments/calls/sending.py"}


def asked(node: ast.AST, methods: set[str]) -> Iterator[ast.Call]:
    """Yield the calls of these methods, but not the functions that services name alike."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            given = [ast.unparse(one) for one in call.args]
            if call.func.attr in methods and "session" not in given:
                yield call


def test_no_transaction_is_open_while_a_provider_of_payments_is_asked() -> None:
    """Neither a function with a session nor a block with a transaction awaits a gateway."""
    methods = {name for name, member in vars(PaymentGateway).items() if callable(member)}
    methods -= {"payable", "read_webhook", "close", "__init__"}
    found, inside = 0, []
    for path in (one for name in MOVING_MONEY for one in sources(f"services/{name}")):
        for node in ast.walk(ast.parse(path.read_text())):
            found += len(list(asked(node, methods))) if isinstance(node, ast.Module) else 0
            holds = isinstance(node, ast.AsyncFunctionDef) and any(
                "AsyncSession" in ast.unparse(one) for one in node.args.args if one.annotation
            )
            opens = isinstance(node, ast.AsyncWith) and any(
                "session" in ast.unparse(item) or "transaction" in ast.unparse(item)
                for item in node.items
            )
            if holds or opens:
                inside += [f"{path.name}:{call.lineno}" for call in asked(node, methods)]
    assert found > 15
    assert inside == []


async def test_every_redis_client_has_timeouts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client without them waits for as long as Redis hangs."""
    pools: list[ConnectionPool] = []
    construct = ConnectionPool.__init__

    def record(pool: ConnectionPool, *given: Any, **options: Any) -> None:
        construct(pool, *given, **options)
        pools.append(pool)

    monkeypatch.setattr(ConnectionPool, "__init__", record)
    create_app(settings)
    # Limits, known tokens, pub/sub (2), persisted documents, typing, presence (2), status, answers,
    # counters of fraud, ranked lists.
    assert len(pools) == 13
    for pool in pools:
        assert 0 < pool.connection_kwargs["socket_connect_timeout"] <= 1, pool
    # The connection that listens has its deadlines in core/redis/pubsub.py, which has the reason.
    (listening,) = [pool for pool in pools if not pool.connection_kwargs.get("socket_timeout")]
    for pool in pools:
        assert pool is listening or pool.connection_kwargs["socket_timeout"] <= 1, pool


def test_every_redis_client_has_a_breaker() -> None:
    """Without one, each call to a Redis that hangs waits for its timeout, one after another."""
    clients = {
        "core/limits/rate_limits.py",  # has a breaker around its allowance of 100 ms
        "core/limits/charge_batches.py",  # sends what core/limits/rate_limits.py gives it
        "core/redis/pubsub.py",  # no caller waits for it, and no signal may be lost by an outage
        "core/redis/client.py",  # all others
        "core/settings/values.py",  # only parses the URL
        "commands/connections.py",  # one call, of `haat check`
    }
    found = {
        path.relative_to(HOME).as_posix()
        for path in [*sources(*LAYERS), HOME / "app.py", HOME / "cli.py"]
        for name in imported(path)
        if f"{name}.".startswith(("redis.asyncio.", "redis.Redis.", "redis.client."))
    }
    assert found == clients
    without = {
        "core/limits/charge_batches.py",
        "core/redis/pubsub.py",
        "core/settings/values.py",
        "commands/connections.py",
    }
    for path in clients - without:
        assert where([HOME / path], "CircuitBreaker"), path


def test_errors_of_redis_and_sizes_are_named_once() -> None:
    """A tuple of errors that is repeated misses the one that is added to the others."""
    tuples, products = set(), set()
    for path in sources(*LAYERS):
        for node in ast.walk(ast.parse(path.read_text())):
            place = path.relative_to(HOME).as_posix()
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            if isinstance(node, ast.Tuple) and {"RedisError", "OSError"} <= names:
                tuples.add(place)
            if isinstance(node, ast.BinOp) and ast.unparse(node) == "1024 * 1024":
                products.add(place)
    assert tuples == {"core/outages.py"}
    assert products == {"core/sizes.py"}


def test_only_one_module_makes_the_keys_of_limits() -> None:
    """A limit that builds its own key counts something else than the others."""
    makers = where(sources(), "LimitKey")
    assert {place.partition(":")[0] for place in makers} == {"core/limits/keys.py"}
    naming = {
        path.relative_to(HOME).as_posix()
        for path in sources(*LAYERS)
        if where([path], "network_of")
    }
    assert naming == {
        "core/limits/keys.py",
        "core/limits/networks.py",  # a larger network, to show
        "models/identity/known_networks.py",  # stores a hash of it
        "services/identity/sessions/sessions.py",  # links accounts, by a hash of it
        "web/graphql/endpoint.py",  # writes it to the security log
    }


def test_semaphores_are_not_keyed_by_addresses() -> None:
    """Each address of an IPv6 network would have places of its own."""
    keyed = {
        ast.unparse(argument)
        for path in sources(*LAYERS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".acquire", ".hold"))
        for argument in node.args
    }
    assert keyed, "the search finds something"
    assert {key for key in keyed if key.endswith(("address", "email"))} == set()


ADDRESSES = ("context.address", "caller.address", "client.host", ".get('client')")


def test_only_named_modules_read_the_address_of_callers() -> None:
    """Others would count addresses, of which a customer of an IPv6 provider has 2^64."""
    readers = {
        path.relative_to(HOME).as_posix()
        for path in sources(*LAYERS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.Call) and (ast.unparse(node).endswith(ADDRESSES))
    }
    assert readers == {
        "resolvers/redemptions.py",  # passes it to CodeLimits
        "engine/limits/charging.py",  # passes it to core/limits/keys.py
        "resolvers/carts.py",  # passes it to CartLimits
        "resolvers/events/transfers.py",  # passes it to the limits of messages to phones
        "resolvers/identity/accounts.py",
        "resolvers/identity/passkeys.py",
        "resolvers/identity/passwords.py",
        "resolvers/identity/phones.py",
        "resolvers/identity/profiles.py",
        "resolvers/identity/providers.py",
        "resolvers/identity/registrations.py",
        "resolvers/identity/sign_ins.py",  # passes it to services/identity/sign_ins
        "web/caller_address.py",  # reads it from the connection
        "web/graphql/authentication.py",  # passes it to services/identity/tokens/token_lookups.py
    }


def cached_by_text() -> Iterator[tuple[str, str]]:
    """Yield each cached function that takes text, with its docstring."""
    for path in sources("core", "engine", "gateways", "models", "services", "web"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            arguments = [*node.args.args, *node.args.kwonlyargs]
            types = [ast.unparse(one.annotation) for one in arguments if one.annotation]
            takes_text = any(re.search(r"\b(str|bytes)\b", type) for type in types)
            if re.search(r"\b(lru_)?cache\b", decorators) and takes_text:
                yield f"{path.relative_to(HOME)}:{node.name}", ast.get_docstring(node) or ""


def test_no_cache_is_keyed_by_text_of_any_length() -> None:
    """A cache keeps its keys, and callers choose many of them. The docstring states the limit."""
    found = dict(cached_by_text())
    assert "web/graphql/content_negotiation.py:_preferred_type" in found
    unlimited = [name for name, text in found.items() if not re.search(r"MAX_|at most \d", text)]
    assert unlimited == []


def test_files_are_short_and_named_for_what_they_hold() -> None:
    grown = [path for path in sources() if len(path.read_text().splitlines()) > LONGEST]
    assert [path.name for path in grown if path.parent.name != "versions"] == []
    assert [path.name for path in sources() if path.stem in SHAPELESS] == []


def test_no_dependency_brings_a_module_of_the_name_of_a_folder() -> None:
    brought = packages_distributions()
    for folder in FOLDERS:
        others = set(brought.get(folder, [])) - {"haat"}
        assert others <= ({"alembic"} if folder == "alembic" else set()), folder


def test_migrations_do_not_shadow_the_library_that_runs_them() -> None:
    assert not (HOME / "alembic/__init__.py").exists()
    assert not (HOME / "alembic/versions/__init__.py").exists()


def test_every_folder_of_code_is_known_here() -> None:
    packages = {path.parent.name for path in HOME.glob("*/__init__.py")}
    assert packages - {"benchmarks", "tests"} == set(LAYERS)
