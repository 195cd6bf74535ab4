"""Bundles with which scanners accept vouchers without a network."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, OKPKey

from services.redemptions import bundles
from services.redemptions.bundles import RECORD
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.redemptions.offline import PRIVATE, PUBLIC, Gadget

BUNDLE = """query ($vendor: ID!, $key: String!, $since: String) {
  voucherBundle(vendorId: $vendor, scannerKey: $key, since: $since) {
    content cursor expiresAt revocations hasMore
  }
}"""


def open_bundle(content: str) -> dict[str, Any]:
    """Return the claims of a bundle, as a scanner reads them."""
    d = urlsafe_b64encode(PRIVATE.private_bytes_raw()).rstrip(b"=").decode()
    key: dict[str, str | list[str]] = {"kty": "OKP", "crv": "X25519", "x": PUBLIC, "d": d}
    signed = (jwe.decrypt_compact(content, OKPKey.import_key(key)).plaintext or b"").decode()
    unverified = json.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
    keys = KeySet([ECKey.import_key(one) for one in unverified["keys"]])
    decoded = jwt.decode(signed, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "voucher-bundle+jwt"
    return decoded.claims


def revoked(claims: dict[str, Any]) -> dict[bytes, int]:
    raw = urlsafe_b64decode(claims["revoked"] + "==")
    return dict(RECORD.iter_unpack(raw))


async def fetch(gadget: Gadget, since: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    await gadget.till.world.transactions_end()
    given = {"vendor": gid(gadget.till.vendor), "key": gadget.key, "since": since}
    found = (await gadget.client.ask(BUNDLE, **given))["voucherBundle"]
    return found, open_bundle(found["content"])


@pytest.fixture
async def gadget(world: World, api: Client) -> Gadget:
    return await Gadget.register(await Till.open(world, per_user_limit=20), api)


async def test_a_bundle_has_the_offers_the_limit_and_the_keys(gadget: Gadget, api: Client) -> None:
    manager = api.signed_in(await gadget.till.manager())
    _, claims = await fetch(gadget)
    assert claims["limit"] == 200
    limit = {"vendorId": gid(gadget.till.vendor), "scans": 5}
    await manager.do("setOfflineLimit", limit, "scans")
    _, claims = await fetch(gadget)
    offer = gadget.till.offer
    assert claims["limit"] == 5
    assert claims["vendor"] == gadget.till.vendor.id.hex
    assert claims["offers"] == [
        {
            "id": offer.id.hex,
            "starts": int(offer.starts_at.timestamp()),
            "ends": int(offer.ends_at.timestamp()),
        }
    ]
    assert claims["exp"] - claims["iat"] == 24 * 3600
    token = (await gadget.till.claim(api)).token
    keys = KeySet([ECKey.import_key(one) for one in claims["keys"]])
    read = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert urlsafe_b64decode(read["o"] + "==") == offer.id.bytes


async def test_a_bundle_has_the_codes_that_have_ended_since_the_last(
    gadget: Gadget, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = api.signed_in(gadget.till.customer)
    reissued, cancelled, kept = [await gadget.till.claim(api) for _ in range(3)]
    given = {"voucherId": gid(reissued), "reason": "Lost phone", "idempotencyKey": "k"}
    await customer.do("reissueVoucher", given)
    first, claims = await fetch(gadget)
    assert revoked(claims) == {reissued.id.bytes[-8:]: 2}
    assert claims["full"]
    await customer.do("cancelVoucher", {"voucherId": gid(cancelled)})
    second, claims = await fetch(gadget, first["cursor"])
    assert revoked(claims) == {cancelled.id.bytes[-8:]: 2}
    assert not claims["full"]
    third, claims = await fetch(gadget, second["cursor"])
    assert (revoked(claims), third["hasMore"]) == ({}, False)
    monkeypatch.setattr(bundles, "MAX_REVOCATIONS", 1)
    await customer.do("cancelVoucher", {"voucherId": gid(kept)})
    half, claims = await fetch(gadget)
    assert (half["hasMore"], len(revoked(claims))) == (True, 1)


async def test_voucher_bundle_as_others(gadget: Gadget, api: Client, world: World) -> None:
    given = {"vendor": gid(gadget.till.vendor), "key": gadget.key}
    assert await api.failed(BUNDLE, **given) == ["UNAUTHENTICATED"]
    rival = await Till.open(world)
    for user in (gadget.till.customer, rival.scanner):
        assert await api.signed_in(user).failed(BUNDLE, **given) == ["NOT_FOUND"]
    foreign = given | {"vendor": gid(rival.vendor)}
    assert await api.signed_in(rival.scanner).failed(BUNDLE, **foreign) == ["NOT_FOUND"]
