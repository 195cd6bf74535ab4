"""The caller's address, which is any text that a trusted proxy passes on."""

from core.limits.networks import MAX_ADDRESS_LENGTH
from web.caller_address import caller_address


def test_a_long_text_is_cut_and_an_address_is_kept() -> None:
    assert caller_address({"client": ("x" * 9_000, 1)}) == "x" * MAX_ADDRESS_LENGTH
    assert caller_address({"client": ("2001:db8::1", 1)}) == "2001:db8::1"
    assert caller_address({"client": None}) == ""
