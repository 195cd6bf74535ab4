"""Signing keys: token types are never confused, and forged tokens are refused."""

import base64
import json
import time
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from core.ids import new_id
from core.security.key_file import Purpose
from core.security.signing_keys import (
    ACCESS,
    LINK,
    VOUCHER,
    BadSignature,
    SigningKeys,
    TicketClaims,
    TokenExpired,
    WrongType,
)
from tests.factories.forged_tokens import tampered, unsigned

KEYS = SigningKeys.generate()


def private(purpose: Purpose) -> ECKey:
    return KEYS.sets.signing_key(purpose)


def test_keys_read_what_they_signed() -> None:
    voucher_id, user_id, session_id = new_id(), new_id(), new_id()
    assert KEYS.read_voucher(KEYS.sign_voucher(voucher_id, 3)) == (voucher_id, 3)
    assert KEYS.read_ticket(KEYS.sign_ticket(voucher_id, user_id, 2)) == TicketClaims(
        voucher_id, user_id, 2
    )
    token, expires = KEYS.sign_access(user_id, session_id, 15)
    claims = KEYS.read_access(token)
    assert (claims.user_id, claims.session_id, claims.expires) == (user_id, session_id, expires)
    assert not claims.admin
    admin, _ = KEYS.sign_access(user_id, session_id, 15, admin=True)
    assert KEYS.read_access(admin).admin


def test_token_types_are_not_interchangeable() -> None:
    with pytest.raises(WrongType):
        KEYS.read_access(KEYS.sign_voucher(new_id(), 1))
    with pytest.raises(WrongType):
        KEYS.read_voucher(KEYS.sign_access(new_id(), new_id(), 15)[0])
    with pytest.raises(WrongType):
        KEYS.read_ticket(KEYS.sign_voucher(new_id(), 1))


def test_an_expired_token_is_rejected() -> None:
    token, _ = KEYS.sign_access(new_id(), new_id(), minutes=-1)
    with pytest.raises(TokenExpired):
        KEYS.read_access(token)


@pytest.mark.parametrize(("behind", "accepted"), [(0, True), (29, True), (31, False)])
def test_clocks_may_differ_by_thirty_seconds(
    behind: int, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that has expired here for so many seconds, and one from so far in the future."""
    late, _ = KEYS.sign_access(new_id(), new_id(), minutes=-(behind + 0.5) / 60)
    there = time.time() + behind + 0.5
    with monkeypatch.context() as ahead:
        ahead.setattr("core.security.signing_keys.time.time", lambda: there)
        early, _ = KEYS.sign_access(new_id(), new_id(), 15)
    for token, refusal in ((late, TokenExpired), (early, BadSignature)):
        with nullcontext() if accepted else pytest.raises(refusal):
            KEYS.read_access(token)


def test_forged_tokens_are_rejected() -> None:
    own = KEYS.sign_voucher(new_id(), 1)
    kid = str(private(Purpose.VOUCHER).kid)
    claims = {"v": new_id().hex, "g": 1}
    stranger = ECKey.generate_key("P-256", {"kid": kid})
    borrowed = jwt.encode({"alg": "ES256", "kid": kid, "typ": VOUCHER}, claims, stranger)
    public = private(Purpose.VOUCHER).as_dict(private=False)
    shared = OctKey.import_key(json.dumps(public))
    confused = jwt.encode({"alg": "HS256", "kid": kid, "typ": VOUCHER}, claims, shared)
    for token in (SigningKeys.generate().sign_voucher(new_id(), 1), borrowed, confused):
        with pytest.raises(BadSignature):
            KEYS.read_voucher(token)
    for token in (tampered(own), unsigned(own), own[:-2], own + "A", f"{own}.x", f" {own}"):
        with pytest.raises(BadSignature):
            KEYS.read_voucher(token)


@pytest.mark.parametrize("claims", [{}, {"v": "x", "g": 1}, {"v": new_id().hex}, {"v": 1, "g": 1}])
def test_voucher_tokens_with_invalid_claims_are_rejected(claims: dict[str, object]) -> None:
    key = private(Purpose.VOUCHER)
    token = jwt.encode({"alg": "ES256", "kid": key.kid, "typ": VOUCHER}, claims, key)
    with pytest.raises(BadSignature):
        KEYS.read_voucher(token)


SOUND: dict[str, object] = {
    "iss": "haat",
    "aud": "haat-api",
    "iat": 1,
    "exp": 4_000_000_000,
    "sub": str(new_id()),
    "sid": str(new_id()),
}


def signed(claims: dict[str, object], type: str = ACCESS, purpose: Purpose = Purpose.ACCESS) -> str:
    key = private(purpose)
    return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": type}, claims, key)


@pytest.mark.parametrize("missing", SOUND)
def test_access_tokens_without_a_claim_are_rejected(missing: str) -> None:
    KEYS.read_access(signed(SOUND))
    with pytest.raises(BadSignature):
        KEYS.read_access(signed({name: SOUND[name] for name in SOUND.keys() - {missing}}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "other"},
        {"aud": "other"},
        {"aud": "haat"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": {}},
        {"iat": 4_000_000_000},
        {"iat": "now"},
        {"sub": "me"},
        {"sub": 1},
        {"sid": 1},
        {"sid": []},
        {"exp": "soon"},
        {"exp": True},
    ],
)
def test_access_tokens_with_invalid_claims_are_rejected(wrong: dict[str, object]) -> None:
    with pytest.raises(BadSignature):
        KEYS.read_access(signed(SOUND | wrong))


def test_a_claim_to_be_admin_must_be_true() -> None:
    for claim, expected in ((True, True), (1, False), ("true", False), (False, False)):
        assert KEYS.read_access(signed(SOUND | {"adm": claim})).admin is expected


def test_a_key_signs_tokens_of_its_own_type_only() -> None:
    """A leaked key of links or vouchers signs no access token, whatever the header claims."""
    for purpose in (Purpose.LINK, Purpose.VOUCHER):
        with pytest.raises(BadSignature):
            KEYS.read_access(signed(SOUND, purpose=purpose))
    for purpose in (Purpose.ACCESS, Purpose.LINK):
        with pytest.raises(BadSignature):
            KEYS.read_voucher(signed({"v": new_id().hex, "g": 1}, VOUCHER, purpose))
    for purpose in (Purpose.ACCESS, Purpose.VOUCHER):
        with pytest.raises(BadSignature):
            KEYS.read_link(signed({"exp": 4e9}, LINK, purpose))


def test_foreign_and_unsigned_access_tokens_are_rejected() -> None:
    user_id, session_id = new_id(), new_id()
    foreign, _ = SigningKeys.generate().sign_access(user_id, session_id, 15)
    own, _ = KEYS.sign_access(user_id, session_id, 15)
    kid = private(Purpose.ACCESS).kid
    borrowed = jwt.encode(
        {"alg": "ES256", "kid": kid, "typ": ACCESS}, SOUND, ECKey.generate_key("P-256")
    )
    for token in (foreign, tampered(own), unsigned(own), borrowed):
        with pytest.raises(BadSignature):
            KEYS.read_access(token)


PART = st.binary(max_size=40).map(lambda part: base64.urlsafe_b64encode(part).decode())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), inner, max_size=4)
    ),
    max_leaves=6,
)
HEADER = JSON.map(lambda header: base64.urlsafe_b64encode(json.dumps(header).encode()).decode())


@given(st.one_of(st.text(), st.tuples(PART | HEADER, PART, PART).map(".".join)))
def test_malformed_tokens_are_bad_signatures(token: str) -> None:
    for read in (KEYS.read_voucher, KEYS.read_access):
        with pytest.raises(BadSignature):
            read(token)


def test_a_deeply_nested_header_is_rejected() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    with pytest.raises(BadSignature):
        KEYS.read_voucher(f"{deep}.e30.AA")


def test_public_keys_have_no_private_part() -> None:
    assert all("d" not in key for key in KEYS.public()["keys"])
