"""Documents with a syntax error are parsed once, as valid ones are."""

from typing import Any

import graphql
import pytest

from engine.limits import document_cache
from engine.limits.document_cache import DocumentCache


def test_a_syntax_error_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def record(text: str, **options: Any) -> graphql.DocumentNode:
        parsed.append(text)
        return graphql.parse(text, **options)

    monkeypatch.setattr(document_cache, "parse", record)
    documents = DocumentCache()
    for _ in range(3):
        with pytest.raises(graphql.GraphQLSyntaxError, match="Unexpected"):
            documents.read("{ a } }")
    assert parsed == ["{ a } }"]


def test_failures_are_limited() -> None:
    documents = DocumentCache()
    for number in range(3 * document_cache.MAX_FAILED):
        with pytest.raises(graphql.GraphQLSyntaxError):
            documents.read(f"{{ a{number} ")
    assert len(documents._failed) == document_cache.MAX_FAILED
