"""Check names and prose against the language rules of CONTRIBUTING.md.

Ruff's D401 checks that docstrings start with an imperative. This checks what Ruff cannot: words
that hide the field's term, two texts for one GraphQL type, and class names that mean two things.
"""

import ast
import io
import os
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.settings import HOME

# Each of these has a precise term: publish, return, report, subscriber, caller, again, available.
BANNED = re.compile(
    r"\b(who(so)?ever|nobody|somebody|anew|told|tells?|telling|sa(y|ys|id)|the house|to be had)\b",
    re.IGNORECASE,
)
# An event is what tickets are sold for. Others are server-sent events,
# webhook events, event loops and log events.
EVENT = re.compile(
    r"(?<!server-sent )(?<!webhook )(?<!log )(?<![\w.`(<|/-])\bevents?\b"
    r"(?![`\w-]|\(|[.=]\S|:| \{| (?:stream|loop|as)s?\b)",
    re.IGNORECASE,
)
# Files in which it has that meaning.
ABOUT_EVENTS = re.compile(
    r"(^|/)events?([/_.]|$)|^(docs|locales)/|^schema/schema\.graphql$|^models/(members|quotas)\.py$"
    r"|^schema/(identity|audit)/enums\.py$|^CONTRIBUTING\.md$|^tests/(web|services/notifications)/"
    r"|^(models|services)/pictures|^tests/product/"
)
NOUN_CLAUSE = re.compile(r"^(Who|Whose|Whom|What)\s(?![^.?]*\?)")  # a question may start so
TEXTS = {".graphql", ".html", ".md", ".mako", ".yaml", ".toml"}
NOT_PROSE = (
    "demo/data/",  # the words of shops and customers
    "docs/adr/",
    "schema/released.graphql",  # a promise already made
    "static/graphiql/",  # vendored
    "tools/language.py",
)
GENERATED = {"node_modules", "test-results", "__pycache__", "haat.egg-info"}
GRAPHQL_CLASSES = {"type", "interface", "input"}

Place = tuple[str, int]


def main() -> None:
    """Print every violation as `file:line: reason`, and exit with 1 if there is one."""
    paths = list(_files())
    problems = [*_prose_problems(paths), *_class_problems(paths)]
    for (path, line), reason in sorted(problems):
        sys.stdout.write(f"{path}:{line}: {reason}\n")
    sys.exit(bool(problems))


def _files() -> Iterator[Path]:
    for folder, subfolders, names in os.walk(HOME):
        subfolders[:] = [name for name in subfolders if name[0] != "." and name not in GENERATED]
        for name in names:
            path = Path(folder, name)
            if not str(path.relative_to(HOME)).startswith(NOT_PROSE):
                yield path


def _prose_problems(paths: Iterable[Path]) -> Iterator[tuple[Place, str]]:
    for path in paths:
        name = str(path.relative_to(HOME))
        if path.suffix == ".py":
            texts = python_prose(path.read_text())
        elif path.suffix in TEXTS:
            texts = enumerate(path.read_text().splitlines(), start=1)
        else:
            continue
        for line, text in texts:
            yield from (((name, line), reason) for reason in judge(text, name))


def judge(text: str, name: str = "") -> Iterator[str]:
    """Yield why a text, in the file of this name, is not plain technical English."""
    for found in BANNED.finditer(text):
        yield f"“{found.group()}” hides the field's term"
    if EVENT.search(text) and not ABOUT_EVENTS.search(name):
        yield "“event” is what tickets are sold for; name the notification, change or message"
    if NOUN_CLAUSE.match(text.strip()):
        yield "starts with a noun clause (who, what); name the noun"


def python_prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield every comment, docstring and string of two words or more."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def _class_problems(paths: Iterable[Path]) -> Iterator[tuple[Place, str]]:
    defined: dict[str, list[tuple[Place, bool]]] = defaultdict(list)
    for path in paths:
        name = str(path.relative_to(HOME))
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                place = (name, node.lineno)
                defined[node.name].append((place, published(node)))
                if published(node) and _described_twice(node):
                    yield place, f"{node.name} has a description and a docstring; keep one"
    for name, found in defined.items():
        # A GraphQL type may have the name of the row or value that it publishes.
        for kind in (True, False):
            same = [place for place, is_published in found if is_published is kind]
            if len(same) > 1:
                others = ", ".join(f"{file}:{line}" for file, line in same[1:])
                yield same[0], f"class {name} also means {others}"


def published(node: ast.ClassDef) -> bool:
    return any(
        ast.unparse(decorator).startswith("strawberry.")
        and ast.unparse(decorator).removeprefix("strawberry.").split("(")[0] in GRAPHQL_CLASSES
        for decorator in node.decorator_list
    )


def _described_twice(node: ast.ClassDef) -> bool:
    described = any(
        isinstance(decorator, ast.Call)
        and any(keyword.arg == "description" for keyword in decorator.keywords)
        for decorator in node.decorator_list
    )
    return described and ast.get_docstring(node) is not None


if __name__ == "__main__":
    main()
