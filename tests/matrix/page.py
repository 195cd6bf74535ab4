"""docs/permission_matrix.md: how the server answers each caller."""

from collections.abc import Iterable, Iterator

from tests.matrix.private_fields import PrivateField
from tests.matrix.root_fields import RootField
from tests.matrix.stage import CALLERS, MEMBERS
from tools.artifacts import DOCS, templates

PAGE = DOCS / "permission_matrix.md"
HINT = "run `make matrix`, and read what has changed as a reviewer of security"
COLUMNS = tuple(f"`{name}`" if name in MEMBERS else name for name in CALLERS)
Tables = dict[str, list[tuple[str, ...]]]


def render(roots: Iterable[RootField], private: Iterable[PrivateField]) -> str:
    return templates.get_template(PAGE.name).render(
        roots=_by_domain(("Field", "Kind", *COLUMNS, "API token"), map(_root_row, roots)),
        private=_by_domain(("Field", *COLUMNS), map(_private_row, private)),
    )


def _by_domain(heading: tuple[str, ...], rows: Iterator[tuple[str, tuple[str, ...]]]) -> Tables:
    tables: Tables = {}
    for domain, row in rows:
        tables.setdefault(domain, [heading]).append(row)
    return dict(sorted(tables.items()))


def _root_row(one: RootField) -> tuple[str, tuple[str, ...]]:
    marks = (one.outcomes[caller].value for caller in CALLERS)
    return one.domain, (f"`{one.name}`", one.root.lower(), *marks, one.token)


def _private_row(one: PrivateField) -> tuple[str, tuple[str, ...]]:
    marks = (str(one.outcomes[caller]) for caller in CALLERS)
    return one.domain, (f"`{one.type_name}.{one.name}`", *marks)
