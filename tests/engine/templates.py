"""All message templates in the code, which the catalogues must translate."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import (
    BudgetExceeded,
    MalformedRequest,
    TooManyRequests,
    UserMessage,
)
from core.settings import HOME
from models.applications import ApplicationState
from models.catalog.products import ProductState
from models.errors import StepUpRequired
from models.identity.accounts import UserSuspended
from models.offers.offers import OfferState
from models.orders.returns import ReturnState
from models.orders.states import OrderState, SubOrderState
from models.redemptions import VoucherState
from models.validation import EMPTY, TEMPLATES
from models.vendors import VendorStatus

LAYERS = ("core", "models", "services", "engine", "schema", "resolvers", "subscriptions", "web")
TRANSLATED_STATES = (
    ApplicationState,
    OfferState,
    OrderState,
    ProductState,
    ReturnState,
    SubOrderState,
    VendorStatus,
    VoucherState,
)
# Which argument is a message. None: the one named `problem`.
PASSED_ON = {"_parse_one_of": 1, "Viewer": None}
FROM_ELSEWHERE = {"otherwise", "said", "template", "message"}  # variables found elsewhere


def templates() -> set[tuple[str | None, str]]:
    """Each with its context: a state's is its enum, a sentence has none."""
    words = {(kind.__name__, str(state)) for kind in TRANSLATED_STATES for state in kind}
    sentences = {EMPTY, *TEMPLATES.values()}
    names = {kind.__name__ for kind in kinds(UserMessage)} | {"UserMessage"}
    for path in (path for layer in LAYERS for path in (HOME / layer).rglob("*.py")):
        sentences |= set(_of_module(path, names))
    sentences |= {kind.message for kind in kinds(UserMessage) if kind.message}
    sentences |= {BudgetExceeded.message_in_minutes, TooManyRequests.message_in_minutes}
    sentences.add(UserSuspended.message_of_phone)
    sentences |= {StepUpRequired.message_of_factor, StepUpRequired.message_of_provider}
    return words | {(None, sentence) for sentence in sentences}


def technical_templates() -> set[str]:
    """Return the messages for developers of clients, which users cannot cause."""
    names = {MalformedRequest.__name__, *(kind.__name__ for kind in kinds(MalformedRequest))}
    paths = (path for layer in LAYERS for path in (HOME / layer).rglob("*.py"))
    return {template for path in paths for template in _of_module(path, names)}


def kinds(of: type[UserMessage]) -> Iterator[type[UserMessage]]:
    for kind in of.__subclasses__():
        yield from (kind, *kinds(kind))


def _of_module(path: Path, names: set[str]) -> Iterator[str]:
    place = path.relative_to(HOME)
    parts = [part for part in place.with_suffix("").parts if part != "__init__"]
    module = importlib.import_module(".".join(parts))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in names:
                yield from _texts(node.args[:1], module, f"{place}:{node.lineno}")
            elif called in PASSED_ON and "UserMessage" in names:
                yield from _texts(_passed_on(node, PASSED_ON[called]), module, str(place))


def _passed_on(call: ast.Call, position: int | None) -> list[ast.expr]:
    if position is not None:
        return call.args[position : position + 1]
    return [keyword.value for keyword in call.keywords if keyword.arg == "problem"]


def _texts(arguments: list[ast.expr], module: Any, place: str) -> Iterator[str]:
    """Yield the texts in an argument, and those of the constants that it names."""
    for argument in arguments:
        if isinstance(argument, ast.Name) and argument.id not in FROM_ELSEWHERE:
            assert hasattr(module, argument.id), f"{place}: write it here, or as a constant"
    for node in (node for argument in arguments for node in ast.walk(argument)):
        assert not isinstance(node, ast.JoinedStr), f"{place}: give its values by name"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and isinstance(getattr(module, node.id, None), str):
            yield getattr(module, node.id)
