"""Every mutation of the schema: refused to an admin who impersonates a user, unless declared."""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLNonNull, GraphQLSchema
from strawberry.utils.str_converters import to_camel_case

from engine.limits.cost import field_metadata
from models.audit import AuditAct
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.admins.deciding import impersonate

# Admins may change this for a user: no money, credentials, privacy or chats.
ALLOWED = {
    "addEventDates",
    "addVariant",
    "archiveService",
    "blockTime",
    "cloneEvent",
    "closeDays",
    "createEvent",
    "createOffer",
    "createProduct",
    "createQuota",
    "createTicketType",
    "createVenue",
    "duplicateOffer",
    "endImpersonation",
    "followVendor",
    "hideProduct",
    "orderProductPictures",
    "pauseEvent",
    "pauseOffer",
    "pauseService",
    "publishChart",
    "publishService",
    "removeCancellationPolicy",
    "removeSchedule",
    "reopenDays",
    "restoreResource",
    "restoreTicketType",
    "restoreVariant",
    "retireResource",
    "retireTicketType",
    "retireVariant",
    "saveCancellationPolicy",
    "saveChart",
    "saveResource",
    "saveSchedule",
    "saveService",
    "setDayOverride",
    "setOfferRules",
    "unblockTime",
    "unfollowVendor",
    "unscheduleOffer",
    "updateEvent",
    "updateOffer",
    "updateProduct",
    "updateQuota",
    "updateTicketType",
    "updateVariant",
    "updateVendor",
    "updateVenue",
}
# The modules of resolvers whose mutations are about these, and acts that change what proves a user.
FORBIDDEN_MODULES = (
    "identity",
    "chat",
    "redemptions",
    "notifications",
    "uploads",
    "members",
    "ledger",
)
REFUSED = ["NOT_WHILE_IMPERSONATING"]


def mutations(graph: GraphQLSchema) -> Mapping[str, Mapping[str, Any]]:
    assert graph.mutation_type is not None
    return {name: field_metadata(one) for name, one in graph.mutation_type.fields.items()}


def test_the_declared_mutations_are_these(graph: GraphQLSchema) -> None:
    found = {name for name, declared in mutations(graph).items() if declared["while_impersonating"]}
    assert found == ALLOWED


def test_no_declared_mutation_is_personal_or_of_a_sensitive_domain(
    graph: GraphQLSchema, haat: strawberry.Schema
) -> None:
    modules = {
        to_camel_case(one.python_name): str(one.base_resolver.wrapped_func.__module__)
        for one in haat.schema_converter.type_map["Mutation"].definition.fields  # type: ignore[union-attr]
        if one.base_resolver
    }
    for name in ALLOWED - {"endImpersonation"}:
        declared = mutations(graph)[name]
        assert not any(declared[rule] for rule in ("personal", "fresh", "signs_in")), name
        assert modules[name].split(".")[1] not in FORBIDDEN_MODULES, name
        assert declared["audit"] in {None, AuditAct.UPDATE_VENDOR}, name


async def test_all_other_mutations_are_refused(
    world: World, api: Client, graph: GraphQLSchema
) -> None:
    """Before their input is read, so none has an effect, whatever is sent.

    A document that mixes both kinds does nothing either.
    """
    _, client = await impersonate(api.signed_in(await world.admin()), await world.user())
    assert graph.mutation_type is not None
    for name, field in graph.mutation_type.fields.items():
        given = field.args.get("input")
        needed = isinstance(given.type, GraphQLNonNull) if given else False
        declared, use = (f"($input: {given.type})", "(input: $input)") if given else ("", "")
        query = f"mutation {declared} {{ {name}{use} {{ __typename }} }}"
        codes = await client.failed(query)
        if name not in ALLOWED:
            assert codes == REFUSED, name
        elif needed:
            assert codes == ["BAD_USER_INPUT"], name
    out = "logOut(input: {}) { __typename }"
    mixed = f"mutation {{ __typename ...F }} fragment F on Mutation {{ a: {out} }}"
    assert await client.failed(mixed) == REFUSED
    both = (
        "mutation { endImpersonation(input: {}) { __typename } logOut(input: {}) { __typename } }"
    )
    assert await client.failed(both) == REFUSED
    assert await client.failed("{ viewer { id } }") == []


async def test_the_user_is_refused_nothing(world: World, api: Client) -> None:
    """The control: the rule depends on the token alone."""
    user = await world.user()
    await impersonate(api.signed_in(await world.admin()), user)
    own = api.signed_in(user)
    assert await own.failed("mutation { logOut(input: {}) { __typename } }") == []
