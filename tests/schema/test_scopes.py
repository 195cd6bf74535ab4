"""Each field has a scope, is shared, or is not available to API tokens."""

from graphql import GraphQLSchema

from engine.domains import domains_of
from engine.limits.cost import field_metadata
from models.scopes import DEFAULT_SCOPES, GRANTED, ApiScope, find_scope
from tools.doc_scopes import fields, is_unavailable, needs, reachable
from tools.sdl import ROOTS

# Domains without a scope to read them. API tokens never have the rights of an admin, and may leak.
CLOSED = {
    "addresses",
    "admins",
    "applications",
    "audit",
    "carts",
    "checkouts",
    "downloads",
    "disputes",
    "gifts",
    "fraud",
    "history",
    "invoices",
    "ledger",
    "payouts",
    "packs",
    "privacy",
    "refunds",
    "purchases",
    "searches",
    "taxes",
}
# Fields that every API token may select, apart from ids and the fields of shared types.
SHARED_FIELDS = {"Query.node", "Query.nodes", "Query.viewer", "User.avatar", "User.name"}
SHARED_TYPES = {
    "BookingChanged",
    "CancelTooLate",
    "CaseTaken",
    "RuleFailed",
    "SlotNotOffered",
    "CodeWrong",
    "DailyLimitReached",
    "EventDateChanged",
    "ExpiringLink",
    "FactorWrong",
    "HoldExists",
    "NotYourTurn",
    "InsufficientStock",
    "LocalizedText",
    "Money",
    "PageInfo",
    "PasswordWeak",
    "QuestionChoice",
    "PaymentMismatch",
    "Picture",
    "PictureSize",
    "Refusal",
    "SaleNotOpen",
    "StepUpRequired",
    "StockMoved",
    "TicketLimit",
    "SeatsTaken",
    "SeriesConflicts",
    "NoSeatsTogether",
    "LeavesSingleSeat",
    "TicketsSoldOut",
    "ResalePriceTooHigh",
    "TooManyUnits",
    "TotalChanged",
    "WalletTooLow",
}
# Queries of admins, of domains that have scopes.
QUERIES_FOR_ADMINS = {
    "allOrders",
    "deadJobs",
    "deadLetters",
    "payments",
    "refunds",
    "reports",
    "webhookEvents",
}
# Mutations of admins that are not `personal`.
FOR_ADMINS = {
    "approveVendor",
    "createCategory",
    "createPack",
    "createVendor",
    "dropDeadLetter",
    "endTaxRate",
    "grantOrderRefund",
    "hideCategory",
    "moveCategory",
    "recordPayment",
    "recordPurchasePayment",
    "rejectVendor",
    "replayWebhook",
    "requestVendorChanges",
    "reopenDiscrepancy",
    "resolveDiscrepancy",
    "resolveReport",
    "restoreVendor",
    "restorePack",
    "retirePack",
    "retryDeadLetter",
    "setCommission",
    "setReserve",
    "setPacksRequired",
    "setTaxRate",
    "settleRefund",
    "settleStuckRefund",
    "showCategory",
    "updatePack",
    "suspendVendor",
    "updateCategory",
}


def test_each_field_has_a_scope(graph: GraphQLSchema) -> None:
    """A new domain has scopes, or is listed here as one that has none."""
    without = {
        f"{type_name}.{name}"
        for type_name, name, field in fields(graph)
        if not list(domains_of(field))
        if type_name not in SHARED_TYPES and not _is_of_a_page(type_name) and name != "id"
    }
    assert without == SHARED_FIELDS
    closed = {
        domain
        for type_name, _, field in fields(graph)
        if type_name != "Mutation"
        for domain in domains_of(field)
        if find_scope(domain, write=False) is None
    }
    assert closed == CLOSED


def test_each_scope_is_of_a_domain(graph: GraphQLSchema) -> None:
    """And allows at least one mutation, or to read at least one field."""
    needed = {
        scope
        for type_name, _, field in fields(graph)
        if not (type_name in ROOTS and is_unavailable(type_name, field))
        for scope in needs(type_name, field)
    }
    assert set(ApiScope) - set(GRANTED) == needed - {None}


def test_queries_that_no_scope_allows(graph: GraphQLSchema) -> None:
    """Those of domains with scopes are declared; `tests/matrix` finds one that is not."""
    found = {
        name: field.description or ""
        for type_name, name, field in fields(graph)
        if type_name in {"Query", "Subscription"} and field_metadata(field).get("for_admins")
    }
    assert set(found) == QUERIES_FOR_ADMINS
    for text in found.values():
        assert text.endswith(("Visible to admins.", "Only admins can list them."))


def test_mutations_that_no_scope_allows(graph: GraphQLSchema) -> None:
    found = {
        name
        for type_name, name, field in fields(graph)
        if type_name == "Mutation" and not field_metadata(field).get("personal")
        if is_unavailable(type_name, field)
    }
    assert found == FOR_ADMINS
    mutations = [(name, field) for kind, name, field in fields(graph) if kind == "Mutation"]
    declared = {name for name, field in mutations if field_metadata(field).get("for_admins")}
    described = {
        name
        for name, field in mutations
        if "dmins can do this" in (field.description or "")
        if not field_metadata(field).get("personal")
    }
    assert declared == described == FOR_ADMINS


def test_no_scope_lists_types_that_only_admins_reach(graph: GraphQLSchema) -> None:
    reached = reachable(graph)
    assert reached.isdisjoint({"DeadJob", "Delivery", "WebhookEvent"})
    assert reached >= {"User", "Offer", "Booking", "Order", "Ticket", "Conversation"}


def test_old_scopes_stand_for_no_scope_of_the_account() -> None:
    granted = frozenset[ApiScope]().union(*GRANTED.values())
    assert ApiScope.IDENTITY_READ not in granted
    assert granted.isdisjoint(GRANTED)
    assert granted >= DEFAULT_SCOPES


def _is_of_a_page(type_name: str) -> bool:
    return type_name.endswith(("Connection", "Edge"))
