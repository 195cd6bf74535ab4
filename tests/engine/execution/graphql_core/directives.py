"""Cases of test_directives and test_collect_fields: selections, conditions and fragments."""

from tests.engine.execution.graphql_core.case import Case

SCHEMA = "type Query { a: String  b: String  self: Query  list: [Query] }"
CONDITIONS = [
    "@include(if: true)",
    "@include(if: false)",
    "@skip(if: false)",
    "@skip(if: true)",
    "@include(if: true) @skip(if: false)",
    "@include(if: true) @skip(if: true)",
    "@include(if: false) @skip(if: true)",
    "@include(if: false) @skip(if: false)",
    "@skip(if: $on)",
    "@include(if: $on)",
    "@include(if: $default)",
    "@skip(if: $missing)",
]
PLACES = {
    "a field": "{{ a b {0} }}",
    "a field with fields": "{{ a self {0} {{ b }} }}",
    "a spread": "{{ a ...F {0} }} fragment F on Query {{ b }}",
    "an inline fragment": "{{ a ... on Query {0} {{ b }} }}",
    "an inline fragment without a type": "{{ a ... {0} {{ b }} }}",
    "a spread, and again without": "{{ a ...F {0} ...F }} fragment F on Query {{ b }}",
    "all fields": "{{ self {{ a {0} b {0} }} }}",
}
VARIABLES = "query ($on: Boolean!, $default: Boolean = true, $missing: Boolean!) "


def root() -> dict[str, object]:
    leaf = {"a": "a", "b": "b"}
    return leaf | {"self": leaf | {"self": leaf}, "list": [leaf, None, leaf]}


CASES = [
    *(
        Case(
            f"{condition} of {place}, on = {on}",
            SCHEMA,
            VARIABLES + pattern.format(condition)
            if "$" in condition
            else pattern.format(condition),
            root,
            {"on": on} | ({} if "$missing" in condition else {"missing": True}),
        )
        for condition in CONDITIONS
        for place, pattern in PLACES.items()
        for on in ((True, False) if "$on" in condition else (True,))
    ),
    Case("no condition", SCHEMA, "{ a b }", root),
    Case(
        "parallel fragments are merged",
        SCHEMA,
        """{ a ...F ...G } fragment F on Query { b self { b ...H self { a } } }
        fragment G on Query { self { a ...H self { b } } } fragment H on Query { __typename }""",
        root,
    ),
    Case(
        "fragments that spread themselves are collected once",
        SCHEMA,
        "{ a ...F ...G } fragment F on Query { b ...F ...G } fragment G on Query { a ...F }",
        root,
    ),
    Case("aliases keep their order", SCHEMA, "{ z: b a: a b: a self { y: b x: a } }", root),
    Case(
        "selections of one field are merged where it is first",
        SCHEMA,
        "{ self { a } b self { b } ... { self { c: a } } a }",
        root,
    ),
    Case("a fragment of an unknown type", SCHEMA, "{ a ... on Nothing { b } }", root),
]
