"""Cases of test_abstract and test_union_interface."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from tests.engine.execution.graphql_core.case import Case, data

INTERFACE = """
type Query { pet: Pet  pets: [Pet] }
interface Pet { name: String }
type Dog implements Pet { name: String  woofs: Boolean }
type Cat implements Pet { name: String  meows: Boolean }
"""
UNION = """
type Query { pet: Pet  pets: [Pet] }
union Pet = Dog | Cat
type Dog { name: String  woofs: Boolean }
type Cat { name: String  meows: Boolean }
"""
LIVING = """
type Query { person: Person }
interface LifeForm { progeny: [LifeForm] }
interface Mammal implements LifeForm { progeny: [Mammal]  mother: Mammal }
interface Named { name: String }
type Dog implements Named & Mammal & LifeForm {
  name: String  barks: Boolean  progeny: [Dog]  mother: Dog }
type Cat implements Named & Mammal & LifeForm {
  name: String  meows: Boolean  progeny: [Cat]  mother: Cat }
type Person implements Named & Mammal & LifeForm {
  name: String  pets: [Pet]  friends: [Named]  progeny: [Person]  mother: Person }
union Pet = Dog | Cat
"""
ASK = "{ pets { __typename ... on Dog { name woofs } ... on Cat { name meows } } }"
ODIE = {"__typename": "Dog", "name": "Odie", "woofs": True}
GARFIELD = {"__typename": "Cat", "name": "Garfield", "meows": False}


class Named:
    __typename = "Pet"


class Odie(Named):
    __typename = "Dog"
    name, woofs = "Odie", True


class Garfield(Named):
    __typename = "Cat"
    name, meows = "Garfield", False


def pets() -> Any:
    return {"pets": [ODIE, GARFIELD], "pet": ODIE}


def family() -> Any:
    liz: dict[str, Any] = {"__typename": "Person", "name": "Liz", "pets": None, "progeny": []}
    cat = GARFIELD | {"mother": GARFIELD | {"progeny": [GARFIELD]}, "progeny": []}
    dog = ODIE | {"mother": ODIE, "progeny": None}
    john = {"name": "John", "pets": [cat, dog], "friends": [liz, dog], "progeny": [liz]}
    return {"person": john | {"__typename": "Person", "mother": liz}}


def types_by(dog: Any, cat: Any) -> Callable[[GraphQLSchema], None]:
    """Return a change that gives Dog and Cat a check of the type."""

    def change(schema: GraphQLSchema) -> None:
        for name, check in (("Dog", dog), ("Cat", cat)):
            kind = schema.get_type(name)
            assert isinstance(kind, GraphQLObjectType)
            kind.is_type_of = check

    return change


def resolved_by(resolve: Any, dog: Any = None) -> Callable[[GraphQLSchema], None]:
    def change(schema: GraphQLSchema) -> None:
        types_by(dog, None)(schema)
        kind: Any = schema.get_type("Pet")
        kind.resolve_type = resolve

    return change


def has(key: str) -> Callable[..., Any]:
    return lambda value, _: key in value


def has_later(key: str) -> Callable[..., Any]:
    async def check(value: Any, _: Any) -> bool:
        return key in value

    return check


def raises(*_: Any) -> Any:
    raise RuntimeError("We are testing this error")


async def raises_later(*_: Any) -> Any:
    raise RuntimeError("We are testing this error")


async def named_later(value: Any, *_: Any) -> Any:
    return value["__typename"]


NAMES = [None, "Human", "String", "Query", "__Schema", "Pet", 7, ["Dog"]]
CHECKS: dict[str, tuple[Any, Any]] = {
    "checked": (has("woofs"), has("meows")),
    "checked later": (has_later("woofs"), has_later("meows")),
    "checked now and later": (has_later("woofs"), has("meows")),
    "a check that raises": (raises, has("meows")),
    "a check that raises later": (raises_later, has_later("meows")),
    "a check that raises after one that is true": (has("name"), raises_later),
    "a check that raises beside one that waits": (raises_later, raises),
    "no type that fits": (has("barks"), has_later("barks")),
    "a check of one type only": (has("woofs"), None),
}
RESOLVERS: dict[str, Any] = {
    "a function that returns the name": lambda value, *_: value["__typename"],
    "a function that returns it later": named_later,
    "a function that raises": raises,
    "a function that raises later": raises_later,
    "a function that returns a list": lambda *_: [],
}
CASES = [
    *(
        Case(f"{kind}: {name}", schema, ASK, pets, change=types_by(*checks))
        for name, checks in CHECKS.items()
        for kind, schema in (("interface", INTERFACE), ("union", UNION))
    ),
    *(
        Case(f"{kind}: {name}", schema, ASK, pets, change=resolved_by(resolve))
        for name, resolve in RESOLVERS.items()
        for kind, schema in (("interface", INTERFACE), ("union", UNION))
    ),
    *(
        Case(f"{kind}: the type's name in {where}", schema, ASK, root)
        for kind, schema in (("interface", INTERFACE), ("union", UNION))
        for where, root in (
            ("a dict", pets),
            ("an object", lambda: {"pets": [Odie(), None, Garfield()]}),
        )
    ),
    *(
        Case(
            f"a type named {name!r}",
            INTERFACE,
            "{ pet { name } }",
            data(pet={"__typename": name, "name": "Odie"}),
        )
        for name in NAMES
    ),
    Case(
        "a resolved type whose check is false",
        INTERFACE,
        ASK,
        pets,
        change=resolved_by(lambda value, *_: value["__typename"], dog=has("barks")),
    ),
    Case("a union", LIVING, "{ person { name pets { __typename } } }", family),
    Case(
        "inline fragments on a union",
        LIVING,
        "{ person { pets { __typename ... on Dog { name barks } ... on Cat { name meows } } } }",
        family,
    ),
    Case("an interface", LIVING, "{ person { friends { __typename name } } }", family),
    Case(
        "inline fragments on an interface",
        LIVING,
        """{ person { friends { name ... on Dog { barks } ... on Mammal { mother { __typename
          ... on Dog { name barks } } } } } }""",
        family,
    ),
    Case(
        "named fragments on an interface",
        LIVING,
        """{ person { friends { name ...A } } }
        fragment A on Mammal { mother { ...B } } fragment B on Mammal { __typename }""",
        family,
    ),
    Case(
        "fragments whose condition is another abstract type",
        LIVING,
        """{ person { name pets { ...P ... on Mammal { mother { ...M } } } friends { ...F } } }
        fragment P on Pet { __typename ... on Dog { name } }
        fragment M on LifeForm { progeny { __typename } ... on Named { name } }
        fragment F on Named { name ... on Pet { __typename } ... on LifeForm { progeny {
          __typename } } }""",
        family,
    ),
]
