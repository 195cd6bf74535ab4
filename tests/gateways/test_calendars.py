"""Calendars at addresses that users enter: from public hosts alone, within limits."""

from collections.abc import Sequence

import httpcore
import pytest

from gateways import calendars
from gateways.calendars import CalendarFetcher, CalendarUnreadable, FetchedCalendar
from gateways.public_network import PublicNetwork, is_public
from models.bookings.feeds import BusyFeedProblem

ADDRESS = "https://calendar.example/my.ics"
PUBLIC = "93.184.216.34"
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def answer(status: str, content: bytes = b"", *headers: str) -> list[bytes]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return ["\r\n".join(lines).encode(), content]


def fetcher(
    answered: list[bytes], hosts: dict[str, Sequence[str]] | None = None
) -> tuple[CalendarFetcher, list[str]]:
    """Return a fetcher whose network answers this, and the names that it looked up."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        assert port == 443
        asked.append(host)
        return (hosts or {}).get(host, [PUBLIC])

    network = PublicNetwork(httpcore.AsyncMockBackend(answered), resolve)
    return CalendarFetcher(network), asked


async def problem(answered: list[bytes], **hosts: Sequence[str]) -> BusyFeedProblem:
    made, _ = fetcher(answered, {f"{name}.example": ips for name, ips in hosts.items()})
    with pytest.raises(CalendarUnreadable) as raised:
        await made.fetch(ADDRESS, None)
    assert "calendar.example" not in str(raised.value)
    return raised.value.problem


async def test_a_calendar_is_fetched_with_its_tag() -> None:
    made, asked = fetcher(answer("200 OK", CALENDAR, 'ETag: "a"'))
    assert await made.fetch(ADDRESS, None) == FetchedCalendar(CALENDAR, '"a"')
    assert asked == ["calendar.example"]


async def test_an_unchanged_calendar_is_not_sent_again() -> None:
    made, _ = fetcher(answer("304 Not Modified"))
    assert await made.fetch(ADDRESS, '"a"') == FetchedCalendar(None, '"a"')


async def test_a_redirect_is_followed_to_another_host_that_is_looked_up() -> None:
    moved = answer("302 Found", b"", "Location: https://other.example/x.ics", "Connection: close")
    made, asked = fetcher(moved)
    with pytest.raises(CalendarUnreadable):  # the mock answers each connection alike
        await made.fetch(ADDRESS, None)
    assert asked == ["calendar.example", "other.example", "other.example", "other.example"]


@pytest.mark.parametrize("target", ["https://[", "https://a.example:port/", "http://b.example/"])
async def test_a_redirect_to_what_is_no_address_is_not_followed(target: str) -> None:
    assert await problem(answer("302 Found", b"", f"Location: {target}")) == "UNREACHABLE"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "no address",
    ],
)
async def test_private_addresses_are_refused(address: str) -> None:
    assert not is_public(address)
    found = await problem(answer("200 OK", CALENDAR), calendar=[address])
    assert found is BusyFeedProblem.PRIVATE_ADDRESS


async def test_a_name_with_one_private_address_is_refused() -> None:
    found = await problem(answer("200 OK", CALENDAR), calendar=[PUBLIC, "10.0.0.1"])
    assert found is BusyFeedProblem.PRIVATE_ADDRESS


async def test_a_redirect_to_a_private_host_is_refused() -> None:
    moved = answer("302 Found", b"", "Location: https://inner.example/", "Connection: close")
    assert await problem(moved, inner=["10.0.0.1"]) is BusyFeedProblem.PRIVATE_ADDRESS


@pytest.mark.parametrize("target", ["http://calendar.example/", "https://x.example:8443/", "//"])
async def test_a_redirect_away_from_https_is_refused(target: str) -> None:
    moved = answer("302 Found", b"", f"Location: {target}", "Connection: close")
    assert await problem(moved) is BusyFeedProblem.UNREACHABLE


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (answer("404 Not Found"), BusyFeedProblem.NOT_FOUND),
        (answer("401 Unauthorized"), BusyFeedProblem.NOT_FOUND),
        (answer("500 Oops"), BusyFeedProblem.UNREACHABLE),
        (answer("304 Not Modified"), BusyFeedProblem.UNREACHABLE),
        (answer("200 OK", b"zip", "Content-Encoding: gzip"), BusyFeedProblem.NO_CALENDAR),
        ([b"garbage\r\n\r\n"], BusyFeedProblem.UNREACHABLE),
        ([b""], BusyFeedProblem.UNREACHABLE),
    ],
)
async def test_other_answers_are_problems(answered: list[bytes], expected: BusyFeedProblem) -> None:
    assert await problem(answered) is expected


async def test_a_calendar_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "MAX_BYTES", len(CALENDAR) - 1)
    assert await problem(answer("200 OK", CALENDAR)) is BusyFeedProblem.TOO_LARGE


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError

    made = CalendarFetcher(PublicNetwork(httpcore.AsyncMockBackend([]), resolve))
    with pytest.raises(CalendarUnreadable) as raised:
        await made.fetch(ADDRESS, None)
    assert raised.value.problem is BusyFeedProblem.UNREACHABLE
