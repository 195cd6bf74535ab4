"""Stripe's face as Stripe behaves: keys, parameters, amounts, lists, faults."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from stripe.params import PaymentIntentCreateParams

from core.ids import new_id
from payments_stand_in.state import PUBLISHABLE_KEY, StandIn
from payments_stand_in.stripe.params import read
from payments_stand_in.stripe.refusals import Refused
from tests.payment_providers import RunningStandIn

HEADERS = {"Authorization": "Bearer sk_test_1"}
INTENT = {"amount": "500", "currency": "usd"}


def post(
    stand_in: RunningStandIn, path: str, key: str | None = None, **form: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Call with an idempotency key. Returns the status, the body and the headers."""
    headers = HEADERS | ({"Idempotency-Key": key} if key else {})
    answer = stand_in.http.post(f"{stand_in.url}/v1/{path}", data=form, headers=headers)
    return answer.status_code, answer.json(), dict(answer.headers)


def get(stand_in: RunningStandIn, path: str, **query: str) -> dict[str, Any]:
    answer = stand_in.http.get(f"{stand_in.url}/v1/{path}", params=query, headers=HEADERS)
    return dict(answer.json())


def test_a_key_gives_the_same_answer(stand_in: RunningStandIn) -> None:
    key = str(new_id())
    _, first, headers = post(stand_in, "payment_intents", key, **INTENT)
    assert "idempotent-replayed" not in headers
    _, again, headers = post(stand_in, "payment_intents", key, **INTENT)
    assert (again["id"], headers["idempotent-replayed"]) == (first["id"], "true")
    status, refused, _ = post(stand_in, "payment_intents", key, **INTENT | {"amount": "501"})
    assert (status, refused["error"]["type"]) == (400, "idempotency_error")
    stand_in.act("forget_keys")
    assert post(stand_in, "payment_intents", key, **INTENT)[1]["id"] != first["id"]


def test_what_failed_before_it_was_done_can_be_corrected_with_the_same_key(
    stand_in: RunningStandIn,
) -> None:
    key = str(new_id())
    assert post(stand_in, "payment_intents", key, amount="500")[0] == 400
    assert post(stand_in, "payment_intents", key, **INTENT)[0] == 200


def test_a_decline_and_a_500_are_kept(stand_in: RunningStandIn) -> None:
    declined = INTENT | {"confirm": "true", "payment_method": "pm_card_chargeDeclined"}
    key = str(new_id())
    for _ in range(2):
        status, body, _ = post(stand_in, "payment_intents", key, **declined)
        assert (status, body["error"]["decline_code"]) == (402, "generic_decline")
        assert body["error"]["payment_intent"]["status"] == "requires_payment_method"
    key = str(new_id())
    stand_in.control(fail=1)
    for replayed in (False, True):
        status, _, headers = post(stand_in, "payment_intents", key, **INTENT)
        assert (status, headers["stripe-should-retry"]) == (500, "false")
        assert ("idempotent-replayed" in headers) == replayed


def test_one_of_two_calls_at_once_is_told_to_wait(stand_in: RunningStandIn) -> None:
    key = str(new_id())
    stand_in.control(delay_ms=300)
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(post, stand_in, "payment_intents", key, **INTENT) for _ in "12"]
        statuses = sorted(one.result()[0] for one in calls)
    assert statuses == [200, 409]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"amount": "49", "currency": "usd"}, "amount_too_small"),
        ({"amount": "100000000", "currency": "usd"}, "amount_too_large"),
        ({"amount": "1.5", "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": "0", "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": "500", "currency": "xyz"}, "currency_not_supported"),
        ({"amount": "550", "currency": "isk"}, "invalid_charge_amount_no_decimal_compatible"),
        ({"amount": "1234", "currency": "kwd"}, "parameter_invalid_integer"),
        ({"amount": "500"}, "parameter_missing"),
        (INTENT | {"colour": "red"}, "parameter_unknown"),
        (INTENT | {"application_fee_amount": "1"}, "parameter_unsupported"),
        (INTENT | {"confirm": "maybe"}, "parameter_invalid"),
        (INTENT | {"setup_future_usage": "sometimes"}, "parameter_invalid"),
        (INTENT | {"customer": "cus_none"}, "resource_missing"),
        (INTENT | {"off_session": "true"}, "parameter_invalid"),
    ],
)
def test_wrong_parameters_are_refused(
    stand_in: RunningStandIn, form: dict[str, str], code: str
) -> None:
    status, body, _ = post(stand_in, "payment_intents", **form)
    assert (status in {400, 404}, body["error"]["code"]) == (True, code)


def test_nested_parameters_are_checked_by_their_types() -> None:
    given = {"amount": "5", "currency": "usd", "automatic_payment_methods": {"enabled": "true"}}
    known = ("amount", "currency", "automatic_payment_methods")
    params = read(PaymentIntentCreateParams, given, known)
    assert params == {
        "amount": 5,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True},
    }
    with pytest.raises(Refused, match=r"automatic_payment_methods\[enable\]"):
        read(
            PaymentIntentCreateParams,
            given | {"automatic_payment_methods": {"enabled": "true", "enable": "true"}},
            known,
        )


def test_keys_are_checked(stand_in: RunningStandIn) -> None:
    url = f"{stand_in.url}/v1/balance"
    for key in ("none", "sk_live_1", PUBLISHABLE_KEY):
        assert stand_in.http.get(url, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    made = stand_in.call("/v1/payment_intents", **INTENT)
    wrong = stand_in.confirm(made["id"], client_secret="wrong")
    assert wrong["error"]["code"] == "payment_intent_invalid_parameter"


def test_lists_have_pages(stand_in: RunningStandIn) -> None:
    customer = stand_in.call("/v1/customers")["id"]
    made = [stand_in.call("/v1/payment_intents", customer=customer, **INTENT)["id"] for _ in "123"]
    first = get(stand_in, "payment_intents", customer=customer, limit="2")
    assert [one["id"] for one in first["data"]] == [made[2], made[1]]
    assert first["has_more"]
    last = get(stand_in, "payment_intents", customer=customer, limit="2", starting_after=made[1])
    assert ([one["id"] for one in last["data"]], last["has_more"]) == ([made[0]], False)
    later = {"created[gte]": str(int(time.time()) + 60)}
    assert get(stand_in, "payment_intents", customer=customer, **later)["data"] == []
    assert "error" in get(stand_in, "payment_intents", limit="0")


def test_a_direct_debit_is_processing_until_it_ends(stand_in: RunningStandIn) -> None:
    method = stand_in.call(
        "/v1/payment_methods",
        type="sepa_debit",
        **{"sepa_debit[iban]": "DE89370400440532013000"},
    )
    made = stand_in.call(
        "/v1/payment_intents",
        **INTENT | {"currency": "eur", "confirm": "true", "payment_method": method["id"]},
    )
    assert made["status"] == "processing"
    assert stand_in.act("fail_payment", id=made["id"])["status"] == "requires_payment_method"


def test_pending_money_cannot_be_paid_out(stand_in: RunningStandIn) -> None:
    stand_in.control(pending_funds=True)
    stand_in.call(
        "/v1/payment_intents",
        **INTENT | {"currency": "chf", "confirm": "true", "payment_method": "pm_card_visa"},
    )
    refused = stand_in.call("/v1/payouts", amount="100", currency="chf")
    assert refused["error"]["code"] == "balance_insufficient"
    stand_in.act("release_funds")
    assert stand_in.call("/v1/payouts", amount="100", currency="chf")["status"] == "pending"


def test_evidence_of_the_test_mode_ends_a_dispute(stand_in: RunningStandIn) -> None:
    made = stand_in.call(
        "/v1/payment_intents", **INTENT, confirm="true", payment_method="pm_card_createDispute"
    )
    (dispute,) = get(stand_in, "disputes", payment_intent=made["id"])["data"]
    evidence = {"evidence[uncategorized_text]": "losing_evidence"}
    assert stand_in.call(f"/v1/disputes/{dispute['id']}", **evidence)["status"] == "lost"
    assert "error" in stand_in.call(f"/v1/disputes/{dispute['id']}/close")


def test_random_faults_repeat_with_their_seed() -> None:
    drawn = []
    for _ in range(2):
        controls = StandIn("http://127.0.0.1").controls
        controls.reset(7)
        controls.update({"lose_share": 0.5})
        drawn.append([controls.takes("lose", "/v1/refunds") for _ in range(20)])
    assert drawn[0] == drawn[1]
    assert {True, False} == set(drawn[0])


def test_controls_refuse_what_they_do_not_know(stand_in: RunningStandIn) -> None:
    url = f"{stand_in.url}/_controls"
    assert stand_in.http.post(url, json={"loose": 1}).status_code == 400
    assert stand_in.http.post(url, json={"lose_share": 2}).status_code == 400
    assert stand_in.http.post(f"{url}/explode", json={}).status_code == 404
    assert stand_in.http.post(f"{url}/dispute", json={"id": "pi_none"}).status_code == 400
    assert stand_in.http.post(f"{url}/dispute", json={}).status_code == 400
