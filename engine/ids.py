"""Global ids in arguments and inputs, which resolvers get as the ids of rows.

    OfferId = Annotated[UUID, id_of("Offer", "The offer's id.")]

    class CreateOfferInput:
        vendor_id: UUID = id_field("Vendor", "The vendor's id.")
        category_id: UUID | None = id_field("Category", "The category's id.", default=None)

`mutation`, `field`, `connection` and `subscription` decode them before they call the resolver.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.types.arguments import StrawberryArgumentAnnotation
from strawberry.types.base import has_object_definition

from core.errors import BadInput, unreadable_id

ID_OF = "id_of"
GLOBAL_ID = "A global id."


def id_of(type_name: str, description: str = GLOBAL_ID) -> Any:
    """Annotate an argument of the type UUID as the global id of a type."""
    return _argument(type_name, description, relay.GlobalID)


def optional_id_of(type_name: str, description: str) -> Any:
    return _argument(type_name, description, relay.GlobalID | None)


def ids_of(type_name: str, description: str) -> Any:
    return _argument(type_name, description, list[relay.GlobalID])


def optional_ids_of(type_name: str, description: str) -> Any:
    return _argument(type_name, description, list[relay.GlobalID] | None)


def _argument(type_name: str, description: str, kind: Any) -> Any:
    metadata = {ID_OF: type_name}
    return strawberry.argument(description=description, graphql_type=kind, metadata=metadata)


def id_field(type_name: str, description: str, **default: Any) -> Any:
    """Declare an input's field of the type UUID as a global id. It is optional with a `default`."""
    kind = relay.GlobalID | None if default else relay.GlobalID
    metadata = {ID_OF: type_name}
    return strawberry.field(
        description=description, graphql_type=kind, metadata=metadata, **default
    )


def ids_field(type_name: str, description: str, **default: Any) -> Any:
    """Declare an input's field of the type list[UUID] as global ids."""
    kind = list[relay.GlobalID] | None if default else list[relay.GlobalID]
    metadata = {ID_OF: type_name}
    return strawberry.field(
        description=description, graphql_type=kind, metadata=metadata, **default
    )


def decode_id(id: relay.GlobalID, type_name: str) -> UUID:
    """Return the row's id. Raises `BadInput` for another type."""
    if id.type_name != type_name:
        raise BadInput(
            "Expected an id of type {wanted}, but got one of type {given}.",
            given=id.type_name[:40],
            wanted=type_name,
        )
    return decode_id_of_any_type(id)


def decode_id_of_any_type(id: relay.GlobalID) -> UUID:
    try:
        return UUID(id.node_id)
    except ValueError as error:
        raise unreadable_id(str(id)) from error


def decoding(resolver: Callable[..., Any]) -> Callable[..., Any]:
    """Return the resolver, called with decoded ids."""
    arguments = id_arguments(resolver)
    if not arguments:
        return resolver

    if inspect.iscoroutinefunction(resolver):

        @functools.wraps(resolver)
        async def resolve_async(*args: Any, **given: Any) -> Any:
            return await resolver(*args, **given | decode_arguments(arguments, given))

        return resolve_async

    @functools.wraps(resolver)
    def resolve(*args: Any, **given: Any) -> Any:
        return resolver(*args, **given | decode_arguments(arguments, given))

    return resolve


def id_arguments(resolver: Callable[..., Any]) -> Mapping[str, str | None]:
    """Return the type's name for each argument that is an id. Inputs that hold ids have None."""
    found: dict[str, str | None] = {}
    for name, parameter in inspect.signature(resolver).parameters.items():
        type_name = _type_name(parameter.annotation)
        if type_name or _holds_ids(parameter.annotation):
            found[name] = type_name
    return found


def decode_arguments(
    arguments: Mapping[str, str | None], given: Mapping[str, Any]
) -> dict[str, Any]:
    return {name: _decode(given[name], of) for name, of in arguments.items() if name in given}


def decode_input(input: Any) -> Any:
    """Decode the ids of an input, and of the inputs in it, in place."""
    for field in dataclasses.fields(input):
        value = getattr(input, field.name)
        setattr(input, field.name, _decode(value, field.metadata.get(ID_OF)))
    return input


def _decode(value: Any, type_name: str | None) -> Any:
    if isinstance(value, list):
        return [_decode(one, type_name) for one in value]
    if isinstance(value, relay.GlobalID):
        return decode_id(value, type_name) if type_name else value
    return decode_input(value) if _is_input(type(value)) else value


def _type_name(annotation: Any) -> str | None:
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, StrawberryArgumentAnnotation) and ID_OF in extra.metadata:
            return str(extra.metadata[ID_OF])
    return None


def _holds_ids(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:  # it has the attributes of what it annotates
        return _holds_ids(get_args(annotation)[0])
    if _is_input(annotation):
        fields = dataclasses.fields(annotation)
        inner = inspect.get_annotations(annotation).values()
        return any(ID_OF in one.metadata for one in fields) or any(map(_holds_ids, inner))
    return any(map(_holds_ids, get_args(annotation)))


def _is_input(kind: Any) -> bool:
    return has_object_definition(kind) and kind.__strawberry_definition__.is_input
