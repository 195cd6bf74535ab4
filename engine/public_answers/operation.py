"""A public operation, kept with its document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from core.version import VERSION
from engine.public_answers.public_fields import seconds_of

MAX_LOCALES = 5
MAX_LOCALE_LENGTH = 35  # RFC 5646, 4.4.1


@dataclass(frozen=True, slots=True)
class PublicQuery:
    """A request for a public answer: its key, how long it is kept, and the languages wanted."""

    key: bytes
    seconds: float
    locales: Sequence[str]


class PublicOperation:
    """Makes the keys of the answers to one operation, which are kept at most `most` seconds."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        most: float,
    ) -> None:
        self._seconds = seconds_of(schema, document, operation, most) if most else None
        source = document.loc.source.body if document.loc else ""
        self._document = sha256(source.encode(errors="surrogatepass")).hexdigest()
        self._name = operation.name.value if operation.name else None
        self._names = [one.variable.name.value for one in operation.variable_definitions or ()]

    def query(self, variables: Mapping[str, Any], locales: Sequence[str]) -> PublicQuery | None:
        """Return the request for an answer. None if it is not public, or has unusual languages.

        The key is a digest, so that all are of one size. Releases have keys of their own. Variables
        that the operation does not define are left out, or a client could ask for one answer under
        any number of keys.
        """
        if self._seconds is None or len(locales) > MAX_LOCALES:
            return None
        if any(len(one) > MAX_LOCALE_LENGTH for one in locales):
            return None
        given = {name: variables[name] for name in self._names if name in variables}
        parts = [VERSION, self._document, self._name, given, locales]
        key = sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()
        return PublicQuery(key, self._seconds, locales)
