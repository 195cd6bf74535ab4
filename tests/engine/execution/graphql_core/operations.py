"""Cases of test_executor, test_mutations, test_schema and test_subscribe: operations as a whole."""

from typing import Any

from graphql import GraphQLScalarType, GraphQLSchema

from tests.engine.execution.graphql_core.case import Case, data, fails, later

SCHEMA = """
type Query {
  a: String  b: String  c: String  d: String  e: String  deep: Deep  pic(size: Int): String }
type Deep { a: String  deeper: [Query]  path: [Deep] }
type Mutation { a: String  c: String }
type Subscription { a: String  message(upper: Boolean = false): Message }
type Message { text: String!  from: String }
"""
SEVERAL = "query A { a } query B { b } mutation M { c } subscription S { a }"
NUMBERS = """
type Query { value: Int }
type Mutation { now(to: Int): Holder  late(to: Int): Holder  failNow(to: Int): Holder
  failLate(to: Int): Holder  sure(to: Int): Holder! }
type Holder { value: Int  lateValue: Int }
"""
TEXTS: list[Any] = [1, 1.5, True, "", [], {}, b"x", object, float("nan")]
INTEGERS: list[Any] = [1, 1.0, 1.5, True, "7", "x", "", 2**31, -(2**31), float("nan"), []]
ODD = "scalar Odd type Query { odd: Odd  odds: [Odd]  sure: Odd!  text: String }"
BLOG = """
type Query { article(id: ID!): Article  feed: [Article] }
type Article { id: ID!  published: Boolean  author: Author  title: String  body: String
  keywords: [String] }
type Author { id: ID!  name: String  pic(width: Int, height: Int): Image  recent: Article }
type Image { url: String  width: Int  height: Int }
"""


def letters() -> dict[str, Any]:
    plain = {letter: letter.upper() for letter in "abcde"}
    slow = {"b": later("B"), "d": later("D"), "pic": lambda _, size=50: f"Pic of size: {size}"}
    deeper = [plain | slow, None, plain]
    return plain | slow | {"deep": {"a": "Already", "deeper": deeper, "path": [{"a": "x"}]}}


class NumberHolder:
    """Data whose mutations change a number that all holders share."""

    def __init__(self) -> None:
        self.value = 6

    def lateValue(self, _: Any) -> Any:  # noqa: N802 - the name of the field
        return later(self.value)()

    def now(self, _: Any, to: int) -> "NumberHolder":
        self.value = to
        return self

    async def late(self, _: Any, to: int) -> "NumberHolder":
        self.value = to
        return self

    failNow = staticmethod(fails("Cannot change the number"))  # noqa: N815
    failLate = staticmethod(later(RuntimeError("Cannot change the number")))  # noqa: N815
    sure = failLate


def odd(schema: GraphQLSchema) -> None:
    """Give the scalar an output coercion that takes odd numbers only."""
    kind = schema.get_type("Odd")
    assert isinstance(kind, GraphQLScalarType)

    def coerce(value: Any) -> Any:
        if value == 0:
            raise ValueError("Zero is not odd.")
        return value if value % 2 else None

    kind.coerce_output_value = coerce


def article(number: int) -> dict[str, Any]:
    image = {"url": f"cdn://{number}", "width": "640", "height": 480}
    author = {"id": 123, "name": "John Smith", "pic": lambda _, **size: image | size}
    recent = {"id": 1, "title": "My Article 1", "keywords": ["foo", 1, True, None]}
    return recent | {"id": number, "published": True, "author": author | {"recent": recent}}


CASES = [
    Case(
        "fields, arguments, aliases, fragments and lists",
        SCHEMA,
        """query Example($size: Int) { a b x: c ...C deep { a deeper { a pic(size: $size) } } f: pic
        } fragment C on Query { d e pic(size: $size) }""",
        letters,
        {"size": 100},
    ),
    Case("fields keep their order whichever is awaited", SCHEMA, "{ a b c d e }", letters),
    *(
        Case(f"several operations, named {name!r}", SCHEMA, SEVERAL, letters, operation=name)
        for name in ("A", "B", "M", "S")
    ),
    Case("the only operation has a name", SCHEMA, "query Example { a }", letters),
    Case(
        "the only operation, by its name",
        SCHEMA,
        "query Example { a }",
        letters,
        operation="Example",
    ),
    Case("definitions that are not executable", SCHEMA, "{ a } type Query { x: String }", letters),
    Case("a field that is not in the schema", SCHEMA, "{ a nothing b }", letters),
    Case("a field without a selection", SCHEMA, "{ a deep }", letters),
    Case("no data", SCHEMA, "{ a deep { a } }", lambda: None),
    Case("data without some fields", SCHEMA, "{ a b deep { a } }", lambda: {"a": "A"}),
    Case(
        "data is an object",
        SCHEMA,
        "{ a b }",
        type("Data", (), {"a": 1, "b": fails("b")}),
    ),
    Case(
        "mutations in order",
        NUMBERS,
        """mutation { a: now(to: 1) { value } b: late(to: 2) { value lateValue }
          c: now(to: 3) { lateValue } d: late(to: 4) { value } e: now(to: 5) { value } }""",
        NumberHolder,
    ),
    Case(
        "mutations after failed ones",
        NUMBERS,
        """mutation { a: now(to: 1) { value } b: failNow(to: 2) { value } c: late(to: 3) { value }
          d: failLate(to: 4) { value } e: now(to: 5) { value lateValue } }""",
        NumberHolder,
    ),
    Case(
        "mutations after one that takes the root",
        NUMBERS,
        "mutation { a: now(to: 1) { value } b: sure(to: 2) { value } c: now(to: 3) { value } }",
        NumberHolder,
    ),
    Case(
        "mutations in a fragment",
        NUMBERS,
        """mutation { ...M b: now(to: 2) { value } }
        fragment M on Mutation { a: late(to: 1) { value } }""",
        NumberHolder,
    ),
    Case(
        "a mutation that is not in the schema", NUMBERS, "mutation { nothing(to: 1) }", NumberHolder
    ),
    *(
        Case(
            f"a scalar that refuses, {key} {number}",
            ODD,
            f"{{ text {key} }}",
            data(text="t", odd=values, odds=values, sure=values),
            change=odd,
        )
        for key, several in (
            ("odd", [1, 2, 0, None, later(2)]),
            ("sure", [1, 2, 0]),
            ("odds", [[1, 3], [1, 2, 3], [0, 1], [None, 1]]),
        )
        for number, values in enumerate(several)
    ),
    *(Case(f"a text of {value!r}", SCHEMA, "{ a }", data(a=value)) for value in TEXTS),
    *(
        Case(f"a number of {value!r}", NUMBERS, "{ value }", data(value=value))
        for value in INTEGERS
    ),
    Case(
        "a complex schema",
        BLOG,
        """{ feed { id title } article(id: "1") { ...F author { id name
          pic(width: 640, height: 480) { url width height } recent { ...F keywords } } } }
        fragment F on Article { id published title body hidden notdefined }""",
        lambda: {"feed": [article(n) for n in range(3)], "article": lambda _, id: article(int(id))},
    ),
    *(
        Case(f"a change of a subscription, {name}", SCHEMA, query, root, {"up": True})
        for query in (
            "subscription { message { text from } }",
            """subscription ($up: Boolean) { m: message(upper: $up) { ...M } }
            fragment M on Message { text }""",
        )
        for name, root in {
            "with data": lambda: {"message": {"text": "hi", "from": later("Ada")}},
            "with a function": lambda: {"message": lambda _, upper: {"text": f"{upper}"}},
            "with data later": lambda: {"message": later({"text": "hi"})},
            "without its text": lambda: {"message": {"from": "Ada"}},
            "that fails": lambda: {"message": fails("gone")},
            "without data": dict,
        }.items()
    ),
    Case(
        "a subscription with two fields",
        SCHEMA,
        "subscription { a message { text } }",
        lambda: {"a": "A", "message": {"text": "hi"}},
    ),
]
