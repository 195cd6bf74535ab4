"""The documents made from the code: what can go wrong, what is too much, and what there is."""

from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, get_operation_ast, parse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.settings import Settings
from engine.i18n import LANGUAGES
from engine.limits.cost import OBJECT_COST, CostCalculator
from engine.limits.extension import MAX_COST
from schema.meanings import FAULTS, REFUSALS
from tools import doc_limits, doc_schema
from tools.mutation_errors import mutations_by_code

EXAMPLE = "{ offers(first: 50) { nodes { title vendor { name } } } }"

templates = Environment(  # noqa: S701 - Markdown, of our own words
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


def documents(graph: GraphQLSchema) -> dict[str, str]:
    """Each document's text by its file name in docs/. Settings are shown as they are unset."""
    return {
        "errors.md": _errors(graph),
        "limits.md": _limits(graph),
        "schema.md": _render("schema.md", domains=doc_schema.domains(graph)),
    }


def _errors(graph: GraphQLSchema) -> str:
    mutations = mutations_by_code(graph)
    meanings: dict[str, Any] = {"refusals": REFUSALS, "faults": FAULTS}
    return _render("errors.md", **meanings, mutations=mutations, languages=sorted(LANGUAGES))


def _limits(graph: GraphQLSchema) -> str:
    settings = Settings.model_construct()
    example = _price(graph, EXAMPLE)
    return _render(
        "limits.md",
        sizes=doc_limits.sizes(),
        costs=doc_limits.costs(),
        budgets=doc_limits.budgets(settings),
        attempts=settings.log_in_attempts,
        query=EXAMPLE,
        example=example,
        object=OBJECT_COST,
        limit=MAX_COST,
        remaining=settings.user_points - example,
    )


def _price(graph: GraphQLSchema, query: str) -> int:
    document = parse(query)
    operation = get_operation_ast(document)
    return CostCalculator(graph, document, {}).cost(operation) if operation else 0


def _render(template: str, **given: Any) -> str:
    return templates.get_template(template).render(given)


def _table(rows: list[tuple[str, ...]]) -> str:
    """A Markdown table of rows, the first of which is its heading."""
    heading, *rest = rows
    lines = [heading, ("---",) * len(heading), *rest]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def _anchored(name: str) -> str:
    return f"[{name}](#{name.lower()})"


templates.globals["table"] = _table
templates.filters["code"] = lambda name: f"`{name}`"
templates.filters["anchored"] = _anchored
templates.filters["anchor"] = lambda described: _anchored(described.name)
