"""Cases of test_variables, test_oneof, test_resolve and the arguments of test_nonnull."""

from typing import Any

from graphql import GraphQLEnumType, GraphQLEnumValue, GraphQLSchema

from tests.engine.execution.graphql_core.case import Case

SCHEMA = """
input Inner { a: String  b: [String]  c: String!  d: Int = 7 }
input Nested { na: Inner!  nb: String! }
input One @oneOf { a: String  b: Int }
enum Color { RED  GREEN  NULL  NAN }
type Query {
  object(input: Inner): String
  nested(input: Nested): String
  one(input: One): String
  sureOne(input: One!): String
  color(input: Color): String
  sureColor(input: Color! = GREEN): String
  text(input: String): String
  sure(input: String!): String
  byDefault(input: String = "Hello World"): String
  sureByDefault(input: String! = "Hello World"): String
  wrongDefault(input: Int = "x"): String
  number(input: Int, other: Float): String
  id(input: ID): String
  list(input: [String]): String
  sureList(input: [String]!): String
  listOfSure(input: [String!]): String
  sureListOfSure(input: [String!]!): String
  deep(input: [[Inner!]]): String
  surely(input: String!): String!
}
"""
FIELDS = (
    "object", "nested", "one", "sureOne", "color", "sureColor", "text", "sure", "byDefault",
    "sureByDefault", "wrongDefault", "number", "id", "list", "sureList", "listOfSure",
    "sureListOfSure", "deep", "surely",
)  # fmt: skip
LITERALS: dict[str, list[str]] = {
    "object": [
        '{a: "foo", b: ["bar"], c: "baz"}',
        '{a: "foo", b: "bar", c: "baz"}',
        '{a: null, b: null, c: "C", d: null}',
        '{b: ["A", null, "C"], c: "C"}',
        '["foo", "bar"]',
        '{a: "foo"}',
        '{c: "c", e: "unknown"}',
        "null",
    ],
    "nested": ['{na: {c: "c"}, nb: "b"}', '{na: {a: "a"}, nb: "b"}', '{na: null, nb: "b"}'],
    "one": ['{a: "x"}', "{b: 1}", '{a: "x", b: 1}', "{a: null}", "{}", '{a: "x", b: null}'],
    "sureOne": ['{a: "x"}', "null"],
    "color": ["RED", "NULL", "NAN", "null", '"RED"', "BLUE", "1"],
    "sureColor": ["RED", "NULL", "null"],
    "text": ['"x"', "null", '["x"]', "7", '"""block"""'],
    "sure": ['"x"', "null", "[]"],
    "byDefault": ['"x"', "null", "RED"],
    "sureByDefault": ['"x"', "null"],
    "wrongDefault": ["1"],
    "number": ["1", "2147483648", '"1"', "1.0", "null", "true"],
    "id": ['"x"', "1", "1.5", "null"],
    "list": ["null", '["A"]', '"A"', '["A", null, "B"]', "[1]", "[]"],
    "sureList": ["null", '["A", null]'],
    "listOfSure": ["null", '["A"]', '["A", null]'],
    "sureListOfSure": ["null", '["A", "B"]', '["A", null]'],
    "deep": ['{c: "c"}', '[[{c: "c"}], null]', '[[{a: "a"}]]', "[[null]]"],
    "surely": ['"x"', "null"],
}
SENT: dict[str, list[Any]] = {
    "Inner": [
        {"a": "foo", "b": ["bar"], "c": "baz"},
        {"a": "foo", "b": "bar", "c": "baz"},
        {"a": None, "b": None, "c": "C", "d": None},
        {"c": None},
        {"a": "foo"},
        {"c": "c", "extra": "dog"},
        "foo bar",
        [],
        None,
    ],
    "Nested": [{"na": {"c": "c"}, "nb": "b"}, {"na": {"a": "foo"}}, {}, {"na": {}, "nb": 1}],
    "One": [{"a": "x"}, {"b": 1}, {"a": None}, {"a": "x", "b": 1}, {"a": "x", "b": None}, {}],
    "Color": ["RED", "NULL", "NAN", "BLUE", 1, None],
    "String": ["x", "", 7, True, [], ["x"], {}, None],
    "Int": [1, 1.0, 1.5, 2**31, "1", True, None],
    "ID": ["x", 1, 1.5, True, None],
    "[String]": [["A"], "A", ["A", None], [["A"]], [1], None],
    "[String!]": [["A"], ["A", None], None],
    "[[Inner!]]": [[[{"c": "c"}]], {"c": "c"}, [[{}]], [None, []]],
}
FIELDS_BY_TYPE = {
    "Inner": "object", "Nested": "nested", "One": "one", "Color": "color", "String": "text",
    "Int": "number", "ID": "id", "[String]": "list", "[String!]": "listOfSure",
    "[[Inner!]]": "deep",
}  # fmt: skip
DEFAULTS: dict[str, list[str]] = {
    "Inner": ['{a: "foo", c: "baz"}', "null"],
    "One": ['{a: "x"}'],
    "Color": ["GREEN", "NULL"],
    "String": ['"default"', "null"],
    "Int": ["3"],
    "[String]": ['["a"]', '"a"'],
}
EMBEDDED: list[tuple[str, str, dict[str, Any]]] = [
    ("($v: String)", '{ object(input: {a: $v, c: "c"}) }', {}),
    ("($v: String)", '{ object(input: {a: $v, c: "c"}) }', {"v": None}),
    ("($v: String)", '{ object(input: {b: [$v, "x"], c: "c"}) }', {}),
    ("($v: String)", "{ object(input: {c: $v}) }", {}),
    ("($v: String!)", "{ object(input: {c: $v}) }", {"v": "x"}),
    ("($v: String)", "{ list(input: [$v]) listOfSure(input: [$v]) }", {}),
    ("($v: String)", "{ byDefault(input: $v) sureByDefault(input: $v) text(input: $v) }", {}),
    ("($v: String)", "{ byDefault(input: $v) sureByDefault(input: $v) }", {"v": None}),
    ("($v: String = null)", "{ byDefault(input: $v) text(input: $v) }", {}),
    ("($v: String)", "{ sure(input: $v) text(input: $v) }", {}),
    ("($v: String)", "{ text(input: $v) surely(input: $v) }", {}),
    ("($v: String)", "{ one(input: {a: $v}) }", {}),
    ("($v: String)", "{ one(input: {a: $v}) }", {"v": "x"}),
    (
        "($v: String!)",
        "{ one(input: {a: $v}) ...F } fragment F on Query { text(input: $v) }",
        {"v": ""},
    ),
    ("($v: Nothing)", "{ text(input: $v) }", {"v": "x"}),
    ("($v: Query)", "{ text(input: $v) }", {"v": "x"}),
    ("($v: Int = 1, $w: Int!)", "{ number(input: $v, other: $w) }", {"v": "x", "w": "y"}),
    ("", "{ text(input: $undefined) byDefault(input: $undefined) }", {"undefined": "x"}),
]


def colors(schema: GraphQLSchema) -> None:
    """Give the enum values of Python, one of them null and one unequal to itself."""
    kind: Any = schema.get_type("Color")
    values = {"RED": 1, "GREEN": 2, "NULL": None, "NAN": float("nan")}
    made = GraphQLEnumType("Color", {name: GraphQLEnumValue(v) for name, v in values.items()})
    kind.values = made.values
    for cached in ("_value_lookup", "value_lookup"):
        kind.__dict__.pop(cached, None)


def root() -> dict[str, Any]:
    """Return a resolver for each field, which returns its arguments."""
    return {name: lambda _, **given: repr(sorted(given.items())) for name in FIELDS}


def case(query: str, variables: dict[str, Any] | None = None) -> Case:
    name = f"{query} {variables or ''}"
    return Case(name, SCHEMA, query, root, variables or {}, change=colors)


CASES = [
    *(case(f"{{ {name} }}") for name in FIELDS),
    *(
        case(f"{{ {name}(input: {value}) }}")
        for name, values in LITERALS.items()
        for value in values
    ),
    *(
        case(
            f"query ($v: {type_}{'!' if sure else ''}) {{ {FIELDS_BY_TYPE[type_]}(input: $v) }}",
            sent,
        )
        for type_, values in SENT.items()
        for sure in (False, True)
        for sent in ({}, *({"v": value} for value in values))
    ),
    *(
        case(f"query ($v: {type_} = {value}) {{ {FIELDS_BY_TYPE[type_]}(input: $v) }}", sent)
        for type_, values in DEFAULTS.items()
        for value in values
        for sent in ({}, {"v": None}, {"v": SENT[type_][0]})
    ),
    *(case(f"query {declared} {selected}", sent) for declared, selected, sent in EMBEDDED),
    case("query ($v: [Int]) { number(input: 1) }", {"v": list("x" * 60)}),
]
