"""Cases of test_nonnull and of the errors in test_executor: how far nulls propagate."""

from collections.abc import Callable
from typing import Any

from tests.engine.execution.graphql_core.case import Case, fails, later

SCHEMA = """
type Query { now: String  nowSure: String!  late: String  lateSure: String!
  nowNest: Data  nowSureNest: Data!  lateNest: Data  lateSureNest: Data! }
type Data { now: String  nowSure: String!  late: String  lateSure: String!
  nowNest: Data  nowSureNest: Data!  lateNest: Data  lateSureNest: Data! }
"""
LEAVES = ("now", "nowSure", "late", "lateSure")
CHAIN = "nowSureNest { lateSureNest { nowSureNest { lateSureNest { %s } } } }"


class Data:
    """Data without end, whose leaves are all null, fail, or have a value."""

    def __init__(self, leaf: Callable[..., Any], late_leaf: Callable[..., Any]) -> None:
        self.now = self.nowSure = leaf
        self.late = self.lateSure = late_leaf
        self.make: Callable[[], Data] = lambda: Data(leaf, late_leaf)

    def nowNest(self, _: Any) -> Any:  # noqa: N802 - the name of the field
        return self.make()

    async def lateNest(self, _: Any) -> Any:  # noqa: N802
        return self.make()

    nowSureNest, lateSureNest = nowNest, lateNest  # noqa: N815


DATA: dict[str, Callable[[], Data]] = {
    "null": lambda: Data(lambda _: None, later(None)),
    "failing": lambda: Data(fails("now"), later(RuntimeError("late"))),
    "fine": lambda: Data(lambda _: "now", later("late")),
    "fine but for what is late": lambda: Data(lambda _: "now", later(RuntimeError("late"))),
}
QUERIES = {
    **{
        f"{leaf} in {nest}": f"{{ {nest} {{ {leaf} }} }}"
        for leaf in LEAVES
        for nest in ("nowNest", "lateNest")
    },
    **{leaf: f"{{ {leaf} }}" for leaf in LEAVES},
    "a tree of nullable fields": """{
      nowNest { now late nowNest { now late } lateNest { now late } }
      lateNest { now late nowNest { now late } lateNest { now late } } }""",
    "chains of non-null fields": f"""{{
      nowNest {{ {CHAIN % "nowSure"} }} lateNest {{ {CHAIN % "nowSure"} }}
      other: nowNest {{ {CHAIN % "lateSure"} }} another: lateNest {{ {CHAIN % "lateSure"} }} }}""",
    "a chain from the root": f"{{ now {CHAIN % 'lateSure'} }}",
    "two errors for the root": "{ lateSureNest { nowSure } lateNest { nowSure } }",
    "a slower error for the root": "{ lateSureNest { nowSure } lateNest { lateSure } }",
    "two errors for one object": "{ nowNest { lateSureNest { nowSure } lateNest { nowSure } } }",
    "a slower error for one object": """{ nowNest { lateSureNest { nowSure }
      lateNest { lateNest { lateNest { lateSure } } } } }""",
    "errors of a nullable field beside those of a non-null one": "{ late lateSure }",
    "errors now and later": "{ lateSure nowSure }",
    "an error below an alias": "{ a: nowNest { b: nowSureNest { c: lateSureNest { nowSure } } } }",
    "a field twice": "{ nowNest { nowSure nowSure } nowNest { late } }",
}
ERRORS = """
type Query { ok: String  fails: String  returns: String  list: [String]  lateOk: String
  lateFails: String  lateReturns: String  object: Query  sure: Query!  objects: [Query!] }
"""


def troubled() -> Any:
    inner = {"ok": "yes", "fails": fails("inner"), "lateFails": later(RuntimeError("inner"))}
    return inner | {
        "returns": RuntimeError("returned"),
        "list": ["a", RuntimeError("first"), "b", RuntimeError("second")],
        "lateOk": later("later"),
        "lateReturns": later(RuntimeError("returned later")),
        "object": inner,
        "sure": fails("no object"),
        "objects": [inner, None, inner],
    }


CASES = [
    *(
        Case(f"{name}, {kind} data", SCHEMA, query, data)
        for name, query in QUERIES.items()
        for kind, data in DATA.items()
    ),
    Case(
        "errors null their own fields only",
        ERRORS,
        "{ ok fails returns list lateOk lateFails lateReturns object { ok fails lateFails } }",
        troubled,
    ),
    Case("an object that fails takes the root", ERRORS, "{ ok sure { ok } }", troubled),
    Case("a null among objects takes their list", ERRORS, "{ objects { fails ok } }", troubled),
    Case(
        "an error that is returned for an object",
        ERRORS,
        "{ object { ok } }",
        lambda: {"object": RuntimeError("returned")},
    ),
]
