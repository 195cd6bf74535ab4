"""Signed links: each works for its purpose alone, and until it ends."""

from itertools import permutations

import pytest

from core.security.signing_keys import SigningKeys
from models.errors import NotFound
from services.links import LinkPurpose, read_link, sign_link

KEYS = SigningKeys.generate()
CLAIMS = {"user": "7"}


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_has_its_claims_until_it_ends(purpose: LinkPurpose) -> None:
    link = sign_link(KEYS, purpose, CLAIMS, 60)
    assert link.under("/a") == f"/a?link={link.token}"
    claims = read_link(KEYS, purpose, link.token)
    assert CLAIMS.items() <= claims.items()
    assert int(claims["exp"]) == int(link.expires_at.timestamp())
    ended = sign_link(KEYS, purpose, CLAIMS, -1)
    with pytest.raises(NotFound):
        read_link(KEYS, purpose, ended.token)


@pytest.mark.parametrize(("signed", "wanted"), [*permutations(LinkPurpose, 2)])
def test_a_link_for_another_purpose_is_not_accepted(
    signed: LinkPurpose, wanted: LinkPurpose
) -> None:
    link = sign_link(KEYS, signed, CLAIMS | {"method": wanted.value}, 60)
    with pytest.raises(NotFound):
        read_link(KEYS, wanted, link.token)


def test_what_is_no_link_is_not_accepted() -> None:
    foreign = sign_link(SigningKeys.generate(), LinkPurpose.PAPER, CLAIMS, 60).token
    upload = KEYS.sign_link({"method": "GET"}, 2**40)
    for token in ("", "x", foreign, upload):
        with pytest.raises(NotFound):
            read_link(KEYS, LinkPurpose.PAPER, token)
