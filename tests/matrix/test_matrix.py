"""Each root field and each private field, as each caller: the committed page, and its rules."""

import os
from collections.abc import Iterator

from graphql import GraphQLSchema, OperationType, get_named_type

from engine.limits.cost import field_metadata
from models.vendors import MemberRole
from tests.matrix.conftest import Matrix
from tests.matrix.outcomes import AccessOutcome
from tests.matrix.page import HINT, PAGE, render
from tests.matrix.root_fields import RootField
from tests.matrix.stage import ADMIN, ANONYMOUS, MEMBERS, OTHER, RIVAL
from tools.doc_scopes import is_unavailable

CONFLICTS = {"OWN_ORDER", "OWN_PAYOUT", "OWN_PURCHASE", "OWN_VENDOR", "OWN_WALLET"}
ALLOWED, FORBIDDEN = AccessOutcome.ALLOWED, AccessOutcome.FORBIDDEN
EMPTY = AccessOutcome.EMPTY
NOT_FOUND, UNAUTHENTICATED = AccessOutcome.NOT_FOUND, AccessOutcome.UNAUTHENTICATED
BESIDE = {ANONYMOUS, ADMIN}  # an admin may, and finds no row
SCANNER = MemberRole.SCANNER.value
# Mutations that none of the callers may on the rows of `nodes.py`, and what those lack.
WITHOUT_A_ROW = {
    "blockSeats": "a seat that is free",
    "chooseDelivery": "goods in the checkout that are shipped",
    "declineBookingWaitlistHold": "a booking that was held for someone who waited",
    "declineWaitlistHold": "a hold of tickets for someone who waited",
    "detachBookingFile": "a file of the booking",
    "enterSale": "a queue that is open",
    "importOffers": "a file of offers that was uploaded",
    "importProducts": "a file of products that was uploaded",
    "recordPurchasePayment": "a purchase that is paid outside a provider",
    "replaceDigitalAsset": "a file that was uploaded",
}
# Mutations of admins that decide nothing about the vendor of the rows.
ABOUT_NO_VENDOR = {
    "approvePayoutFile": "the file of the rows has no payout of the vendor",
    "approveLedgerAdjustment": "the row is the customer's wallet",
    "cancelPayoutFile": "the payouts are planned again",
    "createCategory": "all vendors share categories",
    "createPack": "all vendors buy the same packs",
    "createPayoutFile": "another admin approves it",
    "createPayoutFileLink": "the bank's file, which another admin has approved",
    "createVendor": "the owner of the new vendor is another user",
    "endImpersonation": "the admin's own",
    "endTaxRate": "it is of a country",
    "dropDeadLetter": "the mail of a user",
    "exportEventDate": "a list, which changes nothing",
    "grantAdmin": "another admin confirms it",
    "grantPromoMoney": "the row is the customer's wallet",
    "adjustLedger": "the row is the customer's wallet",
    "hideCategory": "all vendors share categories",
    "impersonateUser": "it is audited, and the user learns it",
    "moveCategory": "all vendors share categories",
    "recordTaxPayment": "it is to an authority",
    "recordPurchasePayment": "the row is the customer's wallet",
    "refundPurchase": "the row is the customer's wallet",
    "rejectLedgerAdjustment": "the row is the customer's wallet",
    "reopenDiscrepancy": "the books of a provider",
    "replayWebhook": "the provider is asked again",
    "resolveDiscrepancy": "the books of a provider",
    "restorePack": "all vendors buy the same packs",
    "restoreUser": "about a user",
    "retryDeadLetter": "the mail of a user",
    "retirePack": "all vendors buy the same packs",
    "revokeAdmin": "another admin confirms it",
    "sendInvoice": "a mail, which changes nothing",
    "setTaxRate": "it is of a country",
    "settleRefund": "the money of the platform, to a buyer",
    "settleStuckRefund": "the money of the platform, to a buyer",
    "showCategory": "all vendors share categories",
    "suspendUser": "about a user",
    "updateCategory": "all vendors share categories",
    "updatePack": "all vendors buy the same packs",
}
# Chats are private, and those who pack print the papers. The rest is about the caller.
NOT_FOR_ADMINS = {
    "Vendor.cannedReplies",
    "Vendor.conversations",
    "Vendor.viewerRole",
    "Shipment.labelUrl",
    "Shipment.packingSlipUrl",
}
SCANNERS_MAY = {
    "checkIn",
    "checkInChanges",
    "checkInList",
    "leaveVendor",
    "node",
    "redeemVoucher",
    "scannerBundle",
    "syncRedemptions",
    "syncScans",
    "vendorRedemptions",
    "voucherBundle",
    "vendorStatusChanges",
    "voucher",
}


def mutations(matrix: Matrix) -> Iterator[RootField]:
    return (one for one in matrix.roots if one.root == "Mutation")


def test_mutations_for_admins_are_forbidden_to_all_others(
    matrix: Matrix, graph: GraphQLSchema
) -> None:
    assert graph.mutation_type
    found = 0
    for one in mutations(matrix):
        if field_metadata(graph.mutation_type.fields[one.name])["for_admins"]:
            others = {who: result for who, result in one.outcomes.items() if who != ADMIN}
            assert others.pop(ANONYMOUS) is UNAUTHENTICATED, one.name
            assert set(others.values()) == {FORBIDDEN}, one.name
            assert one.token == FORBIDDEN.value, one.name
            found += 1
    assert found > 20


def test_what_no_token_may_is_not_of_a_scope(matrix: Matrix, graph: GraphQLSchema) -> None:
    """Declared, so that docs/scopes.md does not offer it to integrators."""
    for one in matrix.roots:
        kind = graph.get_root_type(OperationType(one.root.lower()))
        assert kind
        declared = is_unavailable(one.root, kind.fields[one.name])
        assert declared is (one.token == FORBIDDEN.value), one.name


def test_forbidden_is_the_answer_of_what_only_admins_may(matrix: Matrix) -> None:
    """Others get NOT_FOUND for what members may, so that nothing shows which rows exist."""
    for one in matrix.roots:
        if one.callers(FORBIDDEN):
            assert one.callers(ALLOWED) <= {ADMIN}, one.name


def test_each_root_field_refuses_in_one_way(matrix: Matrix) -> None:
    for one in matrix.roots:
        refused = {result for who, result in one.outcomes.items() if who not in BESIDE}
        if one.outcomes[OTHER] is NOT_FOUND:
            refused.discard(EMPTY)  # of members, who may: there is nothing to list
        assert len(refused - {ALLOWED}) <= 1, one


def test_lists_are_narrowed_and_figures_of_vendors_refused(
    matrix: Matrix, graph: GraphQLSchema
) -> None:
    """The rules of docs/permissions.md."""
    assert graph.query_type
    figures = set()
    for one in matrix.roots:
        if one.root == "Query":
            field, stranger = graph.query_type.fields[one.name], one.outcomes[OTHER]
            if get_named_type(field.type).name.endswith("Connection"):
                assert stranger in {ALLOWED, EMPTY, FORBIDDEN}, one
            elif "vendorId" in field.args and stranger is not ALLOWED:
                assert stranger is NOT_FOUND, one
                figures.add(one.name)
    assert figures > {"agenda", "pickList", "vendorBalance", "vendorOrderCounts"}


def test_admins_see_what_members_see(matrix: Matrix) -> None:
    owner, for_members = MemberRole.OWNER.value, {"pet", "voucherBundle"}
    hidden = {
        f"{one.type_name}.{one.name}"
        for one in matrix.private
        if one.outcomes[owner] == ALLOWED and one.outcomes[ADMIN] in {FORBIDDEN, AccessOutcome.NULL}
    }
    assert hidden == NOT_FOR_ADMINS
    for one in matrix.roots:
        if one.root == "Query" and one.outcomes[owner] is ALLOWED:
            assert one.outcomes[ADMIN] in {ALLOWED, EMPTY} or one.name in for_members, one


def test_anonymous_callers_are_refused_as_such(matrix: Matrix) -> None:
    """Or answered as a stranger is, or null. Nothing is FORBIDDEN to them: they may sign in."""
    for one in matrix.roots:
        answer = one.outcomes[ANONYMOUS]
        assert answer in {UNAUTHENTICATED, AccessOutcome.NULL, one.outcomes[OTHER]}, one
        assert answer is not FORBIDDEN, one


def test_a_member_may_all_that_a_lower_role_may(matrix: Matrix) -> None:
    for one in matrix.roots:
        if one.outcomes[OTHER] is not ALLOWED:
            allowed = [one.outcomes[role] is ALLOWED for role in MEMBERS]
            assert allowed == sorted(allowed, reverse=True), one


def test_another_vendors_owner_is_a_stranger(matrix: Matrix) -> None:
    for one in matrix.roots:
        assert one.outcomes[RIVAL] is one.outcomes[OTHER], one


def test_scanners_only_redeem_and_check_in(matrix: Matrix) -> None:
    found = {
        one.name
        for one in matrix.roots
        if one.outcomes[SCANNER] is ALLOWED and one.outcomes[OTHER] is not ALLOWED
    }
    assert found == SCANNERS_MAY


def test_admins_decide_nothing_about_a_vendor_they_work_for(matrix: Matrix) -> None:
    """Not even as a SCANNER, who has no right to it as a member."""
    others = {name: code for name, code in matrix.conflicts.items() if code not in CONFLICTS}
    assert {name: code for name, code in others.items() if name not in ABOUT_NO_VENDOR} == {}
    assert ABOUT_NO_VENDOR.keys() - others.keys() == set()
    assert len(matrix.conflicts) - len(others) > 15


def test_mutations_that_none_of_the_callers_may_are_known(matrix: Matrix) -> None:
    """Their rows show no more than who is refused before a row is found."""
    found = {one.name for one in mutations(matrix) if not one.callers(ALLOWED)}
    assert found == WITHOUT_A_ROW.keys()


def test_the_committed_page_is_what_the_server_answers(matrix: Matrix) -> None:
    found = render(matrix.roots, matrix.private)
    if os.environ.get("WRITE_MATRIX"):
        PAGE.write_text(found)
    committed = PAGE.read_text().splitlines()
    assert [line for line in found.splitlines() if line not in committed] == [], HINT
    assert PAGE.read_text() == found, HINT
