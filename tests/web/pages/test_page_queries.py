"""The documents of the pages under static/ are valid: no type checker reads them."""

import re

from graphql import GraphQLEnumType, GraphQLSchema, parse, validate

from core.settings import HOME

SCRIPTS = [path for path in (HOME / "static").rglob("*.js") if path.parent.name != "graphiql"]
CONSTANT = re.compile(r"^(?:export )?const ([A-Z_]+) = ([`\"])(.*?)\2;", re.DOTALL | re.MULTILINE)
OPERATION = re.compile(r"\s*(?:query|mutation|subscription|\{)")
PART = re.compile(r"\$\{([A-Z_]+)\}")


def constants() -> dict[tuple[str, str], str]:
    """Return the texts of all scripts, by script and name."""
    return {
        (path.name, name): text
        for path in SCRIPTS
        for name, _, text in CONSTANT.findall(path.read_text())
    }


def documents() -> dict[str, str]:
    """Return the operations, with the parts of other constants put in."""
    found = constants()
    shared = {name: text for (_, name), text in found.items() if not OPERATION.match(text)}
    return {
        f"{script} {name}": fill(text, shared)
        for (script, name), text in found.items()
        if OPERATION.match(text)
    }


def fill(text: str, shared: dict[str, str]) -> str:
    while PART.search(text):
        text = PART.sub(lambda part: shared[part[1]], text)
    return text


def test_documents_of_pages_are_valid(graph: GraphQLSchema) -> None:
    found = documents()
    assert len(found) >= 25
    wrong = {
        name: [error.message for error in validate(graph, parse(text))]
        for name, text in found.items()
    }
    assert {name: errors for name, errors in wrong.items() if errors} == {}


def test_every_operation_of_a_script_is_a_constant() -> None:
    """Otherwise it would not be found here."""
    inline = re.compile(r"(?:query|mutation|subscription) ?\w*\(\$\w+:")
    texts = "".join(constants().values())
    missing = [
        (path.name, found)
        for path in SCRIPTS
        for found in inline.findall(path.read_text())
        if found not in texts
    ]
    assert missing == []


LABELS = re.compile(r"^const ([A-Z]+) = \{(.*?)\};", re.DOTALL | re.MULTILINE)
ENUMS = {
    ("till.js", "OUTCOMES"): "RedemptionOutcome",
    ("till.js", "REASONS"): "RedemptionReason",
    ("light.js", "TITLES"): "ScanLight",
    ("light.js", "REASONS"): "ScanReason",
}
WITHOUT_LABEL = {"APPROVED"}  # the title of the offer is enough


def test_pages_have_a_label_for_each_value_of_their_enums(graph: GraphQLSchema) -> None:
    labels = {
        (path.name, name): set(re.findall(r"\b([A-Z][A-Z_]+): \"", text))
        for path in SCRIPTS
        for name, text in LABELS.findall(path.read_text())
    }
    for place, name in ENUMS.items():
        enum = graph.type_map[name]
        assert isinstance(enum, GraphQLEnumType)
        missing = enum.values.keys() - labels[place]
        assert missing <= WITHOUT_LABEL, (place, missing)
