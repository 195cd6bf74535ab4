"""The test vectors for apps of scanners, read by the protocol of docs/clients/scanners.md alone."""

import json
import struct
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey

from core.settings import HOME

VECTORS = json.loads((HOME / "docs/clients/scanner_vectors.json").read_text())
RECORD = struct.Struct(">8sHHBBH")
CANCELLED, INSIDE, IN_TRANSFER = 1, 2, 4


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of_bundle() -> dict[str, Any]:
    private = OKPKey.import_key(VECTORS["scannerPrivateKey"])
    signed = (jwe.decrypt_compact(VECTORS["bundle"], private).plaintext or b"").decode()
    found = jwt.decode(signed, ECKey.import_key(VECTORS["ticketKey"]), algorithms=["ES256"])
    assert found.header["typ"] == "scanner-bundle+jwt"
    return found.claims


class OfflineScanner:
    """A scanner without a network, with the tickets of a bundle."""

    def __init__(self, claims: dict[str, Any]) -> None:
        self.claims = claims
        self.keys = KeySet([ECKey.import_key(one) for one in claims["keys"]])
        records = RECORD.iter_unpack(decoded(claims["tickets"]))
        self.tickets = {short: list(rest) for short, *rest in records}

    def decide(self, token: str) -> str:
        """Return the reason for GREEN or RED, in the order of the protocol."""
        try:
            signed = jws.deserialize_compact(token, self.keys, algorithms=["ES256"])
        except (JoseError, ValueError):
            return "BAD_SIGNATURE"
        if signed.headers()["typ"] != "ticket+jwt":
            return "WRONG_TYPE"
        shown = json.loads(signed.payload or b"")
        if decoded(shown["d"]).hex() != self.claims["list"]["date"]:
            return "WRONG_DATE"
        return self._admit(decoded(shown["t"])[-8:], shown["g"])

    def _admit(self, short: bytes, generation: int) -> str:
        known = self.tickets.setdefault(short, [generation, None, 0, 0, 0])
        current, kind, flags, entries, _ = known
        if flags & CANCELLED:
            return "CANCELLED"
        if generation != current:
            return "OLD_GENERATION"
        if kind is not None and kind not in self.claims["list"]["types"]:
            return "WRONG_LIST"
        if flags & IN_TRANSFER:
            return "IN_TRANSFER"
        if entries:
            return "USED_UP"
        known[2:4] = [flags | INSIDE, entries + 1]
        return "ADMITTED"


def test_the_bundle_opens_and_has_its_records() -> None:
    claims = claims_of_bundle()
    assert claims == VECTORS["claims"]
    found = [
        {"short": one.hex(), "generation": g, "type": kind, "flags": flags, "entries": entries}
        for one, g, kind, flags, entries, _ in RECORD.iter_unpack(decoded(claims["tickets"]))
    ]
    assert found == VECTORS["records"]


def test_each_code_is_decided_as_the_vectors_say() -> None:
    scanner = OfflineScanner(claims_of_bundle())
    for one in VECTORS["presented"]:
        assert scanner.decide(one["token"]) == one["reason"], one["what"]


def test_a_changed_bundle_does_not_open() -> None:
    private = OKPKey.import_key(VECTORS["scannerPrivateKey"])
    start, _, end = VECTORS["bundle"].rpartition(".")
    changed = f"{start}.{'B' if end.startswith('A') else 'A'}{end[1:]}"
    with pytest.raises(JoseError):
        jwe.decrypt_compact(changed, private)
