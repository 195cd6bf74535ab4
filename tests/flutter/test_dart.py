"""The Dart code of the guide for Flutter is parsed by Dart's formatter, and names files that exist.

There is no Dart SDK here, so types are not checked.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse

from tests import npm
from tests.flutter.guide import FILES, blocks, guide_text, operations

NODE = Path(__file__).parent / "node"
LIST = re.compile(r"^  documentNode(?:Query|Mutation|Subscription)(\w+),$", re.MULTILINE)


def dart_format(sources: list[str]) -> list[dict[str, str]]:
    """Return `text` or `error` for each source."""
    npm.install(NODE)
    command = [str(Path(sys.executable).parent / "node"), str(NODE / "format.mjs")]
    ran = subprocess.run(
        command, input=json.dumps(sources), capture_output=True, text=True, check=True
    )
    found: list[dict[str, str]] = json.loads(ran.stdout)
    return found


@cache
def formatted() -> dict[str, dict[str, str]]:
    return dict(zip(FILES, dart_format([*FILES.values()]), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_file_is_parsed_and_formatted(name: str) -> None:
    assert formatted()[name] == {"text": FILES[name]}


def test_the_parser_finds_errors() -> None:
    wrong = ["void main() { print('Hi' }", "final x = 1 +;", "class A { int int; int f( }"]
    assert [[*one] for one in dart_format(wrong)] == [["error"]] * len(wrong)


def test_every_block_is_a_file() -> None:
    found = [block for language in ("dart", "graphql", "yaml") for block in blocks(language)]
    assert [block.text for block in found if not block.name] == []
    assert guide_text().count("```") == 2 * len(found)


def test_imported_files_exist() -> None:
    generated = {f"{block.name}.dart" for block in blocks("graphql")} | {"lib/schema.graphql.dart"}
    known = {Path("/", name).resolve() for name in {*FILES, *generated}}
    for name, text in FILES.items():
        for path in re.findall(r"^import '([^':]+)'", text, re.MULTILINE):
            assert Path("/", name).parent.joinpath(path).resolve() in known, (name, path)
        for path in re.findall(r"^import 'package:haat_app/([^']+)'", text, re.MULTILINE):
            assert Path("/lib", path).resolve() in known, (name, path)


def test_imported_packages_are_dependencies() -> None:
    (pubspec,) = (block.text for block in blocks("yaml") if block.name == "pubspec.yaml")
    for name, text in FILES.items():
        for package in re.findall(r"^import 'package:(\w+)/", text, re.MULTILINE):
            assert package == "haat_app" or f"\n  {package}:" in pubspec, (name, package)


def test_generated_names_exist_and_are_imported() -> None:
    """The names are those of graphql_codegen's `NamePrinter`."""
    homes = {}
    for block in blocks("graphql"):
        for node in parse(block.text).definitions:
            name = node.to_dict()["name"]["value"]
            if isinstance(node, OperationDefinitionNode):
                made = f"documentNode{node.operation.value.title()}{name}"
            else:
                made = f"Fragment${name}"
            homes[made] = Path(str(block.name)).name
    for file, text in FILES.items():
        for used in set(re.findall(r"documentNode\w+|Fragment\$\w+", text)):
            assert used in homes, f"{file}: {used}"
            assert f"{homes[used]}.dart'" in text, f"{file} does not import {used}"


def test_the_list_of_trusted_documents_is_complete() -> None:
    assert sorted(LIST.findall(FILES["tool/trusted_documents.dart"])) == sorted(operations())
