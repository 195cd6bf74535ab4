"""Prices of operations, kept with their documents."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
)

from engine.limits.cost import (
    CostCalculator,
    coerce_variables,
    enum_value,
    field_metadata,
    given_fields,
    size_of,
)
from engine.limits.document_limits import walk
from engine.limits.root_fields import root_fields

MAX_PRICES = 100


class QuotedCost(NamedTuple):
    """The price alone, the cost of at least a minimum, and the points that are charged."""

    price: int
    cost: int
    points: int


class PricedOperation:
    """An operation of a valid document.

    Its price depends on few variables: those that are a page size, or an argument with a cost, or
    in one. Of these, it depends on whether they are null, on the size that they request, on the
    fields with a cost that they have, and on whether they are a value with a cost. So prices are
    kept by that, for at most 100 combinations.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._document = document
        self._operation = operation
        self._variables = _price_variables(schema, document)
        self._prices: dict[tuple[Any, ...], int] = {}
        fields = [metadata for _, metadata in root_fields(schema, document, operation)]
        # Each fragment counts once, so that what is paid apart is never more than its price.
        self._paid_apart = sum(metadata.get("paid_apart", 0) for metadata in fields)
        self.signs_in = all(metadata.get("signs_in") for metadata in fields)

    def quote(self, variables: Mapping[str, Any], minimum: int) -> QuotedCost:
        """Return the price with these variables, which are as sent."""
        price = self._price(variables)
        return QuotedCost(price, max(price, minimum), max(price - self._paid_apart, minimum))

    def _price(self, variables: Mapping[str, Any]) -> int:
        key = self._key(variables)
        price = self._prices.get(key)
        if price is None:
            calculator = CostCalculator(self._schema, self._document, variables)
            price = calculator.cost(self._operation)
            if len(self._prices) < MAX_PRICES:
                self._prices[key] = price
        return price

    def _key(self, variables: Mapping[str, Any]) -> tuple[Any, ...]:
        if not self._variables:
            return ()
        values = coerce_variables(self._schema, self._operation, variables)
        found = [values.get(name) for name in self._variables]
        fields, priced = _price_fields(self._schema), _price_values(self._schema)
        return tuple(
            (
                value is None,
                size_of(value),
                fields.intersection(given_fields(value)),
                priced.intersection({enum_value(value)}),
            )
            for value in found
        )


def _price_variables(schema: GraphQLSchema, document: DocumentNode) -> list[str]:
    """Return the variables whose values can change a price."""
    names = _price_arguments(schema)
    return sorted(
        {
            inner.name.value
            for node in walk(document)
            if isinstance(node, ArgumentNode) and node.name.value in names
            for inner in walk(node.value)
            if isinstance(inner, VariableNode)
        }
    )


@lru_cache
def _price_arguments(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of the arguments that change the cost of a field of the schema."""
    names = {"first", "last"}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field in type_.fields.values():
                metadata = field_metadata(field)
                names |= {metadata.get("sized_by") or "first"}
                names |= {re.split("[.=]", path)[0] for path in _paths(metadata)}
    return frozenset(names)


@lru_cache
def _price_fields(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of the fields of inputs that change the cost of a field of the schema."""
    return frozenset(
        path.partition(".")[2]
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field in type_.fields.values()
        for path in _paths(field_metadata(field))
        if "." in path
    )


@lru_cache
def _price_values(schema: GraphQLSchema) -> frozenset[str]:
    """Return the values of enums that change the cost of a field of the schema."""
    return frozenset(
        path.partition("=")[2]
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field in type_.fields.values()
        for path in _paths(field_metadata(field))
        if "=" in path
    )


def _paths(metadata: Mapping[str, Any]) -> Iterator[str]:
    for names in metadata.get("argument_costs", {}):
        yield from names.split()
