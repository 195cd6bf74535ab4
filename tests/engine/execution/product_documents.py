"""The GraphQL documents of the product: of its pages, its documents and its clients."""

import re
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    Visitor,
    parse,
    validate,
    visit,
)

from core.settings import HOME

PLACES = {
    "GraphiQL": ("web/pages/examples/*.graphql", "static/browser_session.js"),
    "live page": (
        "static/browser_session.js",
        "static/live/*.js",
        "static/scan/*.js",
        "static/auth/*.js",
        "web/pages/templates/*",
    ),
    "documents": ("docs/**/*.md", "README.md", "CONTRIBUTING.md"),
    "clients": ("tests/clients/node/**/*.graphql", "tests/clients/node/**/*.ts*"),
    "benchmarks": ("benchmarks/**/*.py",),
    "tests": ("tests/resolvers/**/*.py", "tests/subscriptions/**/*.py", "tests/web/**/*.py"),
}
QUOTED = re.compile(r"`([^`]*)`|r?'''(.*?)'''|\"\"\"(.*?)\"\"\"|\"([^\"\n]*)\"", re.DOTALL)
FENCED = re.compile(r"^```graphql[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
STARTS = re.compile(r"\s*(query|mutation|subscription|fragment)\b|\s*\{\s*\w")
CONSTANT = re.compile(r"const ([A-Z_]+) =\s*[`'\"]([^`'\"]*)[`'\"]")


def valid_documents(schema: GraphQLSchema, place: str) -> list[DocumentNode]:
    """Return the documents of a place that the schema permits, with the fragments of its others."""
    parsed = [document for text in _texts(place) if (document := _parse(text))]
    fragments = {
        node.name.value: node
        for document in parsed
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found = [_complete(document, fragments) for document in parsed]
    return [document for document in found if not validate(schema, document, max_errors=1)]


def _texts(place: str) -> Iterator[str]:
    for path in _files(place):
        text = path.read_text()
        if path.suffix == ".graphql":
            yield text
            continue
        quoted = ("".join(groups) for groups in QUOTED.findall(text))
        filled = (_fill(one, text) for one in (*FENCED.findall(text), *quoted))
        yield from filter(STARTS.match, filled)


def _fill(template: str, script: str) -> str:
    """Put the script's constants into its template; other values are left out."""
    constants = dict(CONSTANT.findall(script))
    return re.sub(r"\$\{(\w+)\}", lambda hit: constants.get(hit[1], ""), template)


def _files(place: str) -> list[Path]:
    found = (path for pattern in PLACES[place] for path in HOME.glob(pattern))
    return sorted(path for path in found if path.is_file() and "node_modules" not in path.parts)


def _parse(text: str) -> DocumentNode | None:
    try:
        return parse(text)
    except GraphQLError:
        return None


def _complete(document: DocumentNode, fragments: dict[str, FragmentDefinitionNode]) -> DocumentNode:
    """Add the fragments that the document spreads and does not define."""
    spread = _Spread()
    visit(document, spread)
    defined = {
        node.name.value for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    added = [fragments[name] for name in sorted(spread.names - defined) if name in fragments]
    if not added:
        return document
    return _complete(DocumentNode(definitions=(*document.definitions, *added)), fragments)


class _Spread(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names.add(node.name.value)
