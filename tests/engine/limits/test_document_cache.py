"""The document cache is bounded, and so are cached errors."""

import strawberry
from graphql import specified_rules

from engine.limits.document_cache import MAX_ERRORS, DocumentCache

HELLO = "query Hello { __typename }"  # seven tokens, with those of its beginning and end


def test_a_document_is_parsed_once() -> None:
    read = DocumentCache(max_tokens=100).read
    assert read(HELLO) is read(HELLO)
    assert read(HELLO).tokens == 7


def test_the_least_recently_used_document_is_evicted() -> None:
    read = DocumentCache(max_tokens=20).read
    first, second = read(HELLO), read("query Again { __typename }")
    assert read(HELLO) is first
    read("query Third { __typename }")
    assert read(HELLO) is first
    assert read("query Again { __typename }") is not second


def test_a_valid_document_that_is_found_is_kept(haat: strawberry.Schema) -> None:
    """The short path only finds documents."""
    cache = DocumentCache(max_tokens=20)
    first = cache.read(HELLO)
    assert cache.find_valid(HELLO) is None, "it was not validated"
    first.validation_errors(haat._schema, tuple(specified_rules))
    for number in range(5):
        cache.read(f"query Q{number} {{ __typename }}")
        assert cache.find_valid(HELLO) is first


def test_long_texts_with_few_tokens_are_evicted_too() -> None:
    cache = DocumentCache(max_tokens=1_000)
    padded = [HELLO.ljust(40_000 + number) for number in range(50)]
    for text in padded:
        cache.read(text)
    assert sum(text in cache._cached for text in padded) == 11


def test_a_document_larger_than_the_cache_is_parsed() -> None:
    read = DocumentCache(max_tokens=5).read
    assert read(HELLO).document == read(HELLO).document


def test_of_many_errors_the_first_are_returned(haat: strawberry.Schema) -> None:
    unknown = " ".join(f"x{one}" for one in range(20))
    known = DocumentCache(max_tokens=1_000).read(f"{{ {unknown} }}")
    found = known.validation_errors(haat._schema, tuple(specified_rules))
    assert len(found) == MAX_ERRORS + 1  # and that there are more
    assert known.validation_errors(haat._schema, tuple(specified_rules)) is found
