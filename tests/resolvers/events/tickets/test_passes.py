"""Tickets as passes of wallets: signed, for a generation, and only where they are set up."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from joserfc import jwt
from PIL import Image
from starlette.applications import Starlette

from core.security import service_account
from core.security.codes import new_code
from core.security.pass_certificates import PassCertificates
from models.events.dates import EventDateState
from models.events.tickets import ATTENDEE_COLUMN, Ticket, TicketState
from models.vendors import MemberRole
from services.events.passes.google import SAVE, GoogleWallet
from services.events.passes.wallets import Wallets
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.fake_google import EMAIL, KEY, FakeGoogle
from tests.pass_issuer import PASS_TYPE, TEAM, PassIssuer
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.hall import Hall

PASSES = """query ($id: ID!) { node(id: $id) { ... on Ticket {
  token code applePassLink { url } googlePassLink { url }
} } }"""
MAX_LINK = 4_000
ISSUER = "3388000000012345678"


@pytest.fixture(scope="module")
def issuer() -> PassIssuer:
    return PassIssuer.make()


@pytest.fixture
def wallets(
    app: Starlette, issuer: PassIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Wallets:
    """Set both wallets up."""
    google = FakeGoogle("http://google", tmp_path / "account.json")
    google.save_account()
    apple = PassCertificates.read(issuer.save(tmp_path / "wallet.pem"))
    wallets = endpoint_of(app).app.wallets
    monkeypatch.setattr(wallets, "apple", apple)
    monkeypatch.setattr(
        wallets, "google", GoogleWallet(ISSUER, service_account.read(google.account))
    )
    return wallets


async def passes(client: Client, ticket: Ticket) -> dict[str, Any]:
    found: dict[str, Any] = (await client.ask(PASSES, id=gid(ticket)))["node"]
    return found


async def seated(world: World) -> tuple[Hall, Ticket]:
    """Return a ticket with a seat and an attendee, at a venue."""
    hall = await Hall.open(world, title={"en": "Evening Raga"})
    ticket = await hall.sold_seat(0, 4)
    ticket.attendee = world.sealer.seal(ATTENDEE_COLUMN, ticket.id, "Asha Räo".encode())
    await world.save(ticket)
    return hall, ticket


def verify(issuer: PassIssuer, folder: Path, files: dict[str, bytes]) -> None:
    """Verify the signature as a wallet does: from the root alone, over the digests."""
    for name, content in (("root.pem", issuer.root), *files.items()):
        (folder / name).write_bytes(content)
    subprocess.run(
        [
            *("openssl", "smime", "-verify", "-inform", "DER", "-binary", "-purpose", "any"),
            *("-in", "signature", "-content", "manifest.json", "-CAfile", "root.pem"),
            *("-out", "verified.json"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    assert (folder / "verified.json").read_bytes() == files["manifest.json"]


@pytest.mark.usefixtures("wallets")
async def test_a_package_is_signed_and_shows_the_ticket(
    world: World, api: Client, issuer: PassIssuer, tmp_path: Path
) -> None:
    hall, ticket = await seated(world)
    shown = await passes(api.signed_in(hall.user), ticket)
    answer = await api.http.get(shown["applePassLink"]["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.apple.pkpass"
    assert answer.headers["cache-control"] == "private, no-store"
    file_name = unquote(answer.headers["content-disposition"])  # a code can end with a dollar sign
    assert file_name.endswith(f"ticket-{ticket.code}.pkpass")
    with ZipFile(BytesIO(answer.content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    verify(issuer, tmp_path, {name: files[name] for name in ("manifest.json", "signature")})
    digests = json.loads(files["manifest.json"])
    assert digests.keys() == files.keys() - {"manifest.json", "signature"}
    for name, digest in digests.items():
        assert hashlib.sha1(files[name], usedforsecurity=False).hexdigest() == digest
    sizes = {name: Image.open(BytesIO(files[name])).size for name in files if ".png" in name}
    assert sizes["icon.png"] == (29, 29)
    assert {"icon@2x.png", "icon@3x.png", "logo.png", "logo@2x.png", "logo@3x.png"} < sizes.keys()
    found = json.loads(files["pass.json"])
    assert (found["passTypeIdentifier"], found["teamIdentifier"]) == (PASS_TYPE, TEAM)
    assert (found["serialNumber"], found["voided"]) == (ticket.id.hex, False)
    (barcode,) = found["barcodes"]
    assert world.keys.read_ticket(barcode["message"]) == world.keys.read_ticket(shown["token"])
    assert (barcode["format"], barcode["altText"]) == ("PKBarcodeFormatQR", shown["code"])
    zone = ZoneInfo(hall.date.time_zone)
    times = {"relevantDate": hall.date.starts_at, "expirationDate": hall.date.ends_at}
    for name, moment in times.items():
        assert found[name] == moment.astimezone(zone).isoformat(timespec="seconds")
    event = found["eventTicket"]
    assert event["primaryFields"][0]["value"] == "Evening Raga"
    fields = {one["label"]: one["value"] for one in event["auxiliaryFields"]}
    assert (fields["Row"], fields["Seat"], fields["Attendee"]) == ("A", "5", "Asha Räo")
    assert fields["Place"] == hall.venue.name


@pytest.mark.usefixtures("wallets")
async def test_a_link_to_google_has_the_signed_ticket(world: World, api: Client) -> None:
    hall, ticket = await seated(world)
    shown = await passes(api.signed_in(hall.user), ticket)
    answer = await api.http.get(shown["googlePassLink"]["url"])
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "private, no-store")
    location = answer.headers["location"]
    assert location.startswith(f"{SAVE}/")
    assert len(location) < MAX_LINK
    token = jwt.decode(location.removeprefix(f"{SAVE}/"), KEY, algorithms=["RS256"])
    assert (token.claims["iss"], token.claims["aud"]) == (EMAIL, "google")
    assert token.claims["typ"] == "savetowallet"
    (date,), (saved,) = token.claims["payload"].values()
    assert date["id"] == saved["classId"] == f"{ISSUER}.{hall.date.id.hex}"
    assert date["eventName"]["defaultValue"]["value"] == "Evening Raga"
    assert date["venue"]["address"]["defaultValue"]["value"]
    assert saved["id"] == f"{ISSUER}.{ticket.id.hex}-1"
    code = saved["barcode"]["value"]
    assert world.keys.read_ticket(code) == world.keys.read_ticket(shown["token"])
    assert saved["seatInfo"]["seat"]["defaultValue"]["value"] == "5"
    assert (saved["state"], saved["ticketHolderName"]) == ("ACTIVE", "Asha Räo")


@pytest.mark.usefixtures("wallets")
async def test_links_of_former_generations_and_of_others_show_nothing(
    world: World, api: Client
) -> None:
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    links = await passes(api.signed_in(office.user), ticket)
    urls = [links[name]["url"] for name in ("applePassLink", "googlePassLink")]
    friend, row = await world.user(), await world.fresh(ticket)
    row.renew(new_code())
    row.holder_id = friend.id
    await world.save(row)
    for url in urls:
        assert (await api.http.get(url)).status_code == 410
        assert (await api.http.get(url[:-4] + "AAAA")).status_code == 403
    staff = await new_member(world, office.vendor, MemberRole.STAFF)
    for user in (staff, await world.admin()):
        seen = await passes(api.signed_in(user), ticket)
        assert (seen["applePassLink"], seen["googlePassLink"]) == (None, None)
    for client in (api, api.signed_in(office.user)):
        assert (await client.ask(PASSES, id=gid(ticket)))["node"] is None
    mine = await passes(api.signed_in(friend), ticket)
    assert (await api.http.get(mine["applePassLink"]["url"])).status_code == 200
    row.state, row.cancelled_at = TicketState.CANCELLED, row.created_at
    await world.save(row)
    assert (await api.http.get(mine["applePassLink"]["url"])).status_code == 410
    assert (await passes(api.signed_in(friend), ticket))["applePassLink"] is None


@pytest.mark.usefixtures("wallets")
@pytest.mark.parametrize("state", [EventDateState.POSTPONED, EventDateState.CANCELLED])
async def test_a_date_without_a_time_and_a_cancelled_one(
    world: World, api: Client, state: EventDateState
) -> None:
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    office.date.state = state
    cancelled = state is EventDateState.CANCELLED
    office.date.cancelled_at = office.date.created_at if cancelled else None
    await world.save(office.date)
    links = await passes(api.signed_in(office.user), ticket)
    answer = await api.http.get(links["applePassLink"]["url"])
    with ZipFile(BytesIO(answer.content)) as package:
        found = json.loads(package.read("pass.json"))
    assert (found["voided"], "relevantDate" in found) == (cancelled, cancelled)


async def test_there_are_no_passes_without_a_wallet(
    world: World, api: Client, wallets: Wallets
) -> None:
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    client = api.signed_in(office.user)
    made = await passes(client, ticket)
    wallets.apple = wallets.google = None
    shown = await passes(client, ticket)
    for name in ("applePassLink", "googlePassLink"):
        assert shown[name] is None
        assert (await api.http.get(made[name]["url"])).status_code == 404


Change = Callable[[PassIssuer], bytes]


def wrong_files() -> Iterator[tuple[str, Change]]:
    yield "no private key", lambda issuer: issuer.certificate + issuer.authority
    yield "no certificate of", lambda issuer: issuer.authority + issuer.key
    yield "lacks the certificate", lambda issuer: issuer.certificate + issuer.key
    yield "not a PEM file", lambda _: b"nonsense"


@pytest.mark.parametrize(("sentence", "write"), list(wrong_files()))
def test_a_file_that_cannot_sign_is_refused(
    issuer: PassIssuer, tmp_path: Path, sentence: str, write: Change
) -> None:
    path = tmp_path / "wallet.pem"
    path.write_bytes(write(issuer))
    with pytest.raises(ValueError, match=sentence):
        PassCertificates.read(path)
