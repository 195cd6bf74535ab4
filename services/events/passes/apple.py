"""A ticket as a signed package for Apple Wallet.

Source: https://developer.apple.com/documentation/walletpasses
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from core.errors import UserMessage
from core.security.pass_certificates import PassCertificates
from core.settings import HOME
from services.events.passes.content import PassContent

CONTENT_TYPE = "application/vnd.apple.pkpass"
IMAGES = HOME / "static/wallet"
INK, PAPER, SOFT = "rgb(43, 39, 36)", "rgb(255, 253, 249)", "rgb(110, 101, 93)"
Field = dict[str, str]


def make_pass(content: PassContent, certificates: PassCertificates) -> bytes:
    """Return a package: the pass, its images, their digests, and the signature of these."""
    files = {"pass.json": _encode(_describe(content, certificates)), **_images()}
    # The format prescribes SHA-1 for the digests; the signature of them is by SHA-256.
    digests = {
        name: hashlib.sha1(file, usedforsecurity=False).hexdigest() for name, file in files.items()
    }
    manifest = _encode(digests)
    files |= {"manifest.json": manifest, "signature": certificates.sign(manifest)}
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as package:
        for name, file in files.items():
            package.writestr(name, file)
    return buffer.getvalue()


@cache
def _images() -> Mapping[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(IMAGES.glob("*.png"))}


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _describe(content: PassContent, certificates: PassCertificates) -> dict[str, Any]:
    """Return the pass. A wallet replaces one with the same serial number: that of the ticket."""
    paper = content.paper
    pass_ = {
        "formatVersion": 1,
        "passTypeIdentifier": certificates.pass_type,
        "teamIdentifier": certificates.team,
        "serialNumber": content.ticket_id.hex,
        "groupingIdentifier": content.event_date_id.hex,
        "organizationName": paper.vendor,
        "description": paper.event,
        "foregroundColor": INK,
        "backgroundColor": PAPER,
        "labelColor": SOFT,
        "sharingProhibited": True,  # a ticket is given to another by a transfer
        "voided": content.is_void,
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": paper.token,
                "messageEncoding": "iso-8859-1",
                "altText": paper.code,
            }
        ],
        "eventTicket": _fields(content),
    }
    if content.starts_at and content.ends_at:
        pass_["relevantDate"] = content.starts_at.isoformat(timespec="seconds")
        pass_["expirationDate"] = content.ends_at.isoformat(timespec="seconds")
    if content.position:
        latitude, longitude = content.position
        pass_["locations"] = [{"latitude": latitude, "longitude": longitude}]
    return pass_


def _fields(content: PassContent) -> dict[str, Sequence[Field]]:
    paper = content.paper
    place, *address = paper.place or ("",)
    shown = [
        _field("place", paper.text(UserMessage("Place")), place),
        _field("attendee", paper.text(UserMessage("Attendee")), paper.attendee or ""),
    ]
    seat = [_field(f"seat{at}", *one) for at, one in enumerate(content.seat)]
    back = [
        _field("code", paper.text(UserMessage("Code")), paper.code),
        _field("address", paper.text(UserMessage("Address")), "\n".join(address)),
    ]
    return {
        "primaryFields": [_field("event", paper.ticket_type, paper.event)],
        "secondaryFields": [_field("starts", paper.text(UserMessage("Starts")), paper.starts)],
        "auxiliaryFields": [one for one in (*seat, *shown) if one["value"]],
        "backFields": [one for one in back if one["value"]],
    }


def _field(key: str, label: str, value: str) -> Field:
    return {"key": key, "label": label, "value": value}
