"""Parameters of calls, checked by the types of `stripe.params` as Stripe checks them."""

import re
import types
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib.parse import parse_qsl

from stripe import RequestOptions
from typing_extensions import is_typeddict

from payments_stand_in.stripe.refusals import Refused, invalid

MAX_DEPTH = 8
MAX_METADATA_KEYS = 50
MAX_TEXT = 5000
LONG_TEXTS = {"evidence[uncategorized_text]": 20_000}
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
# Names that the types of requests use, and import for type checkers alone.
NAMES = {"StripeContext": Any, "Mapping": Mapping}
Params = TypeVar("Params")


def parse_form(text: str) -> dict[str, Any]:
    """Return nested values of a form: `metadata[order]=1` and `expand[0]=customer`."""
    form: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = NAME.fullmatch(name)
        if not match:
            raise invalid(name, "parameter_unknown", f"Received unknown parameter: {name}")
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        if len(keys) > MAX_DEPTH:
            raise invalid(name, "parameter_unknown", f"Received unknown parameter: {name}")
        inner = form
        for key in keys[:-1]:
            deeper = inner.setdefault(key, {})
            if not isinstance(deeper, dict):
                raise invalid(name, "parameter_invalid", f"Invalid hash: {name}")
            inner = deeper
        inner[keys[-1] or str(len(inner))] = value
    return form


def read(kind: type[Params], form: Mapping[str, Any], supported: Iterable[str]) -> Params:
    """Return the parameters of a type of `stripe.params`. Raises `Refused`.

    A parameter that Stripe has and the stand-in does not is refused, not ignored.
    """
    known, names = set(supported), _hints(cast("Hashable", kind))
    for name in form:
        if name not in names:
            raise invalid(name, "parameter_unknown", f"Received unknown parameter: {name}")
        if name not in known:
            raise Refused(
                "parameter_unsupported",
                f"The stand-in does not know the parameter {name}.",
                param=name,
                kept=False,
            )
    return cast("Params", _object(kind, form, ""))


@cache
def _hints(kind: Hashable) -> Mapping[str, Any]:
    """Return the types of a TypedDict without the options of requests."""
    options = RequestOptions.__annotations__
    hints = get_type_hints(kind, localns=NAMES, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in options}


def _object(kind: type, given: Mapping[str, Any], path: str) -> dict[str, Any]:
    hints = _hints(kind)
    for name, hint in hints.items():
        if get_origin(hint) is not NotRequired and name not in given:
            where = _within(path, name)
            raise invalid(where, "parameter_missing", f"Missing required param: {where}.")
    read = {}
    for name, value in given.items():
        where = _within(path, name)
        if name not in hints:
            raise invalid(where, "parameter_unknown", f"Received unknown parameter: {where}")
        read[name] = _value(hints[name], value, where)
    return read


def _value(hint: Any, value: Any, path: str) -> Any:
    """Return a value as its type. Text of a form becomes a number or a switch."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {NotRequired, Required}:
        hint = args[0]
        origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _one_of(args, value, path)
    if origin is Literal:
        return _choice(args, value, path)
    if origin is list:
        items = value.values() if isinstance(value, dict) else [value]
        return [_value(args[0], item, f"{path}[{n}]") for n, item in enumerate(items)]
    if is_typeddict(hint):
        return _object(hint, _hash(value, path), path)
    return READERS.get(hint, _texts)(value, path)  # metadata has texts


def _choice(args: tuple[Any, ...], value: Any, path: str) -> Any:
    if value not in args:
        allowed = ", ".join(map(str, args[:20]))
        raise invalid(path, "parameter_invalid", f"Invalid {path}: must be one of {allowed}")
    return value


def _one_of(args: tuple[Any, ...], value: Any, path: str) -> Any:
    """Return a value of one of the types. Text beside named choices is for later releases."""
    choices = {one for hint in args if get_origin(hint) is Literal for one in get_args(hint)}
    refusal: Refused | None = None
    for hint in [one for one in args if one is not str or not choices - {""}]:
        try:
            return _value(hint, value, path)
        except Refused as error:
            refusal = error
    raise refusal or invalid(path, "parameter_invalid", f"Invalid {path}")


def _hash(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise invalid(path, "parameter_invalid_empty", f"Invalid hash: {path}")
    return value


def _texts(value: Any, path: str) -> dict[str, str]:
    texts = _hash(value, path)
    if len(texts) > MAX_METADATA_KEYS:
        raise invalid(path, "parameter_invalid", f"{path} can have at most 50 keys.")
    return {name: _text(one, f"{path}[{name}]") for name, one in texts.items()}


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > LONG_TEXTS.get(path, MAX_TEXT):
        raise invalid(path, "parameter_invalid_string", f"Invalid string: {path}")
    return value


def _integer(value: Any, path: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(path, "parameter_invalid_integer", f"Invalid integer: {value}") from None


def _switch(value: Any, path: str) -> bool:
    if value not in {"true", "false"}:
        raise invalid(path, "parameter_invalid", f"Invalid boolean: {value}")
    return bool(value == "true")


READERS: Mapping[Any, Any] = {str: _text, int: _integer, bool: _switch}


def _within(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
