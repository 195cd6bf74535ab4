"""Signing keys: token types are never confused, keys are rotated, the file is private."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from core.ids import new_id
from core.security.signing_keys import (
    ACCESS,
    VOUCHER,
    BadSignature,
    SigningKeys,
    TokenExpired,
    WrongType,
)
from tests.factories.forged_tokens import tampered, unsigned

KEYS = SigningKeys.generate()


def private(keys: SigningKeys, path: Path) -> ECKey:
    keys.save(path)
    return ECKey.import_key(json.loads(path.read_text())["keys"][0])


def test_keys_read_what_they_signed() -> None:
    voucher_id, user_id, session_id = new_id(), new_id(), new_id()
    assert KEYS.read_voucher(KEYS.sign_voucher(voucher_id, 3)) == (voucher_id, 3)
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


def test_an_expired_token_is_rejected() -> None:
    token, _ = KEYS.sign_access(new_id(), new_id(), minutes=-1)
    with pytest.raises(TokenExpired):
        KEYS.read_access(token)


def test_forged_tokens_are_rejected(tmp_path: Path) -> None:
    own = KEYS.sign_voucher(new_id(), 1)
    kid = KEYS.public()["keys"][0]["kid"]
    claims = {"v": new_id().hex, "g": 1}
    stranger = ECKey.generate_key("P-256", {"kid": kid})
    borrowed = jwt.encode({"alg": "ES256", "kid": kid, "typ": VOUCHER}, claims, stranger)
    shared = OctKey.import_key(json.dumps(KEYS.public()["keys"][0]))
    confused = jwt.encode({"alg": "HS256", "kid": kid, "typ": VOUCHER}, claims, shared)
    for token in (SigningKeys.generate().sign_voucher(new_id(), 1), borrowed, confused):
        with pytest.raises(BadSignature):
            KEYS.read_voucher(token)
    for token in (tampered(own), unsigned(own), own[:-2], own + "A", f"{own}.x", f" {own}"):
        with pytest.raises(BadSignature):
            KEYS.read_voucher(token)


@pytest.mark.parametrize("claims", [{}, {"v": "x", "g": 1}, {"v": new_id().hex}, {"v": 1, "g": 1}])
def test_voucher_tokens_with_invalid_claims_are_rejected(
    tmp_path: Path, claims: dict[str, object]
) -> None:
    key = private(KEYS, tmp_path / "keys.json")
    token = jwt.encode({"alg": "ES256", "kid": key.kid, "typ": VOUCHER}, claims, key)
    with pytest.raises(BadSignature):
        KEYS.read_voucher(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": str(new_id()), "sid": str(new_id()), "exp": 4e9},
        {"iss": "other", "sub": str(new_id()), "sid": str(new_id()), "exp": 4e9},
        {"iss": "haat", "sub": "me", "sid": str(new_id()), "exp": 4e9},
        {"iss": "haat", "sub": 1, "sid": str(new_id()), "exp": 4e9},
        {"iss": "haat", "sub": str(new_id()), "exp": 4e9},
        {"iss": "haat", "sub": str(new_id()), "sid": str(new_id())},
        {"iss": "haat", "sub": str(new_id()), "sid": str(new_id()), "exp": "soon"},
    ],
)
def test_access_tokens_with_invalid_claims_are_rejected(
    tmp_path: Path, claims: dict[str, object]
) -> None:
    key = private(KEYS, tmp_path / "keys.json")
    token = jwt.encode({"alg": "ES256", "kid": key.kid, "typ": ACCESS}, claims, key)
    with pytest.raises((BadSignature, TokenExpired)):
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


def test_rotated_keys_verify_older_tokens() -> None:
    generations, signed = [SigningKeys.generate()], []
    for _ in range(4):
        signed.append(generations[-1].sign_voucher(new_id(), 1))
        generations.append(generations[-1].rotated())
    newest = generations[-1]
    for token in signed:
        newest.read_voucher(token)
    kids = [key["kid"] for key in newest.public()["keys"]]
    assert len(kids) == len(set(kids)) == 5
    with pytest.raises(BadSignature):
        generations[0].read_voucher(newest.sign_voucher(new_id(), 1))


def test_keys_rotated_by_another_process_are_reloaded(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.save(path)
    here, elsewhere = SigningKeys.load(path), KEYS.rotated()
    token = elsewhere.sign_voucher(new_id(), 1)
    with pytest.raises(BadSignature):
        here.read_voucher(token)
    elsewhere.save(path)
    assert here.read_voucher(token) == elsewhere.read_voucher(token)


def test_the_key_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    KEYS.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    KEYS.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    token = KEYS.sign_voucher(new_id(), 1)
    assert SigningKeys.load(path).read_voucher(token) == KEYS.read_voucher(token)


def test_public_keys_have_no_private_part() -> None:
    assert all("d" not in key for key in KEYS.public()["keys"])
