"""Names in the Dart code of the guide for Flutter that are names of the schema."""

import re

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    parse,
    visit,
)
from graphql.type import is_specified_scalar_type
from graphql.utilities import TypeInfo, TypeInfoVisitor

from core.settings import Settings
from engine.errors.codes import Fault
from models.notifications.inbox import NotificationKind
from tests.flutter.guide import FILES, blocks, dart, document, guide_text, operations, schema

KEY = re.compile(r"\['([\w-]+)'\]|[{(,]\s*'([\w-]+)':")
# Keys of JSON that are not in the schema: of the protocols, of the app's own storage, of FCM.
OTHER_KEYS = {
    *("query", "variables", "extensions", "persistedQuery", "version", "sha256Hash", "data"),
    *("authorization", "Authorization", "acceptLanguage", "Accept-Language", "content-type"),
    *("retry-after", "retryAfter", "requestId", "receivedAt"),
    *("lane", "storedAt", "notificationId", "__typename", "graphql-transport-ws"),
}


def root_field(name: str) -> str:
    (field,) = operations()[name].selection_set.selections
    return str(field.name.value)  # type: ignore[attr-defined]


def test_mutations_are_called_by_the_field_of_their_document() -> None:
    text = " ".join(dart().split())
    calls = re.findall(r"mutate\( ?'(\w+)', documentNodeMutation(\w+)", text)
    calls += re.findall(r"'(\w+)': documentNodeMutation(\w+)", text)
    assert len(calls) > 12
    assert [call for call in calls if root_field(call[1]) != call[0]] == []


def test_the_outbox_knows_what_may_be_queued() -> None:
    rows = re.search(r"\| May be queued \|.*?\n\n", guide_text(), re.DOTALL)
    assert rows
    named = set(re.findall(r"`(\w+)`(?=[^|\n]*\|[^|\n]*\|\n)", rows[0])) - {
        "clientMessageId",
        "idempotencyKey",
    }
    known = re.findall(
        r"^    '(\w+)': documentNodeMutation", FILES["lib/haat/outbox.dart"], re.MULTILINE
    )
    assert named == set(known)


def test_every_fault_that_waits_is_retried() -> None:
    text = FILES["lib/haat/errors.dart"]
    retried = set(
        re.findall(r"'(\w+)'", " ".join(re.findall(r"\((.*?), _\) => Remedy.retry", text)))
    )
    assert retried == {
        "RATE_LIMITED",
        "UNAVAILABLE",
        "INTERNAL",
        "REQUEST_TIMEOUT",
        "QUERY_TIMEOUT",
    }


def test_subscriptions_are_followed_by_name_and_field() -> None:
    text = " ".join(dart().split())
    found = re.findall(r"documentNodeSubscription(\w+), name: '(\w+)', field: '(\w+)'", text)
    assert {name for name, *_ in found} == {
        name for name, node in operations().items() if node.operation.value == "subscription"
    }
    assert [one for one in found if one[0] != one[1] or root_field(one[0]) != one[2]] == []


def schema_names() -> set[str]:
    """Return the fields, arguments and input fields that a document can name."""
    names: set[str] = set()
    for type in schema().type_map.values():
        if isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
            names |= set(type.fields)
            names |= {name for field in type.fields.values() for name in field.args}
        elif isinstance(type, GraphQLInputObjectType):
            names |= set(type.fields)
    return names


def test_keys_of_maps_are_names_of_the_schema() -> None:
    keys = set(re.findall(r"\['([\w-]+)'\]", dart())) | set(
        re.findall(r"[{(,]\s*'([\w-]+)':", dart())
    )
    entries = set(re.findall(r"'([A-Z]\w+)': \{ ?'", " ".join(dart().split())))  # possible types
    variables = {
        one.variable.name.value
        for node in operations().values()
        for one in node.variable_definitions or ()
    }
    assert keys - entries - schema_names() - variables - OTHER_KEYS == set()


def test_inputs_of_mutations_have_these_fields() -> None:
    """Where the input is written at the call."""
    found = re.findall(r"documentNodeMutation(\w+), \{ ([^{}]*?),? \}", " ".join(dart().split()))
    assert len(found) >= 3
    for name, body in found:
        type = schema().type_map[f"{name}Input"]
        assert isinstance(type, GraphQLInputObjectType)
        assert set(re.findall(r"'(\w+)':", body)) <= set(type.fields), name


def test_codes_exist() -> None:
    errors = schema().type_map["ErrorCode"]
    assert isinstance(errors, GraphQLEnumType)
    values = {
        value
        for type in schema().type_map.values()
        if isinstance(type, GraphQLEnumType)
        for value in type.values
    }
    known = {*errors.values, *Fault, *values}
    used = set(re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)+)`", guide_text())) | set(
        re.findall(r"'([A-Z]{2,}(?:_[A-Z]+)*)'", dart())
    )
    settings = {name.upper() for name in Settings.model_fields}
    assert used - known - settings - {"CLOCK_MONOTONIC", "RED"} == set()


def test_every_fault_is_in_the_guide() -> None:
    assert [fault for fault in Fault if f"`{fault}`" not in guide_text()] == []


def test_every_kind_of_notification_has_a_route() -> None:
    missing = [kind for kind in NotificationKind if f"('{kind}'," not in dart()]
    assert missing == [], "add a route to `routeOf` in the guide"


def test_every_scalar_is_mapped() -> None:
    (build,) = (block for block in blocks("yaml") if block.name == "build.yaml")
    mapped = set(re.findall(r"^            (\w+): \{ type:", build.text, re.MULTILINE))
    scalars = {
        name
        for name, type in schema().type_map.items()
        if isinstance(type, GraphQLScalarType) and not is_specified_scalar_type(type)
    }
    assert mapped == scalars
    assert [name for name in scalars if f"`{name}`" not in guide_text()] == []


def test_possible_types_are_those_of_the_schema() -> None:
    text = " ".join(FILES["lib/haat/possible_types.dart"].split())
    listed = {
        name: set(re.findall(r"'(\w+)'", types))
        for name, types in re.findall(r"'(\w+)': \{([^}]*)\}", text)
    }
    for name, types in listed.items():
        possible = schema().get_possible_types(schema().type_map[name])  # type: ignore[arg-type]
        assert types == {type.name for type in possible}, name
    assert abstract_types() <= set(listed)


def abstract_types() -> set[str]:
    """Return the interfaces and unions that the documents of the guide select from."""
    found: set[str] = set()
    info = TypeInfo(schema())

    class Abstract(Visitor):
        def enter_selection_set(self, *_: object) -> None:
            type = get_named_type(info.get_type()) if info.get_type() else None
            if type and is_composite_type(type) and is_abstract_type(type):
                found.add(type.name)

    for name in operations():
        visit(parse(document(name, typename=False)), TypeInfoVisitor(info, Abstract()))
    return found
