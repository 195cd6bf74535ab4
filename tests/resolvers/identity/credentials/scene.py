"""One good credential of each kind, each of a user of its own, and the tokens of forgers."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import text

from core.security.key_file import Purpose
from core.security.sealed import Sealer
from core.security.signing_keys import ACCESS, LINK, VOUCHER
from core.settings import Settings
from gateways.storage.base import DownloadOptions
from gateways.storage.local import LocalStorage
from models.identity.accounts import User
from models.uploads import incoming_key
from models.vendors import MemberRole
from tests.authenticator import SoftAuthenticator
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.factors import Authenticator, answer_of
from tests.factories.forged_tokens import tampered, unsigned
from tests.factories.identity import PASSWORD
from tests.factories.members import invitation
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.bookings.setting_up import test_reminders as reminders
from tests.resolvers.identity import test_change_email as email_changes
from tests.resolvers.identity.browser import BrowserPages
from tests.resolvers.identity.credentials import test_password_reset as resets
from tests.resolvers.identity.phones.test_phone_codes import ask, code_of, new_number, set_number
from tests.resolvers.identity.refreshing import TOKENS
from tests.resolvers.identity.registering import owner_of, started
from tests.resolvers.identity.signing_in import challenge_of
from tests.resolvers.identity.test_accept_admin_invitation import invite
from tests.resolvers.privacy.test_delete_my_account import token_for
from tests.resolvers.privacy.test_export_my_data import ready

ENDS = (
    ("registration", "expires_at"),
    ("password_reset", "expires_at"),
    ("email_change", "expires_at"),
    ("email_change", "undo_until"),
    ("phone_challenge", "expires_at"),
    ("factor_challenge", "expires_at"),
    ("provider_flow", "expires_at"),
    ("member_invitation", "expires_at"),
    ("admin_invitation", "expires_at"),
    ("data_export", "expires_at"),
    ("account_deletion", "due_at"),
    ("user_session", "idle_until"),
    ("user_session", "ends_at"),
    ("refresh_token", "expires_at"),
    ("api_token", "expires_at"),
)
PURPOSES = {ACCESS: Purpose.ACCESS, LINK: Purpose.LINK, VOUCHER: Purpose.VOUCHER}


@dataclass
class CredentialScene:
    """Credentials by their kind, and what a caller sends beside them."""

    world: World
    api: Client
    settings: Settings
    good: dict[str, str] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    app: Authenticator = field(init=False)
    device: SoftAuthenticator = field(init=False)
    till: Till = field(init=False)
    invited: User = field(init=False)
    exporting: User = field(init=False)

    async def build(self) -> "CredentialScene":
        for make in (self._sessions, self._links, self._files, self._challenges):
            await make()
        return self

    async def _sessions(self) -> None:
        world, api = self.world, self.api
        user = await resets.person(world)
        session = await world.session(user)
        self.good["access token"] = api.keys.sign_access(user.id, session.id, 15)[0]
        self.good["API token"] = (await world.api_token(user))[1]
        given = {"email": email_of(user), "password": PASSWORD}
        tokens = (await api.do("logIn", given, TOKENS))["session"]
        self.good["refresh token"] = tokens["refreshToken"]
        browser = BrowserPages(api.http)
        await browser.log_in(user)
        self.good["cookie"] = browser.cookie or ""

    async def _links(self) -> None:
        world, api, good = self.world, self.api, self.good
        waiting = [await world.registration() for _ in range(2)]
        good["registration link"] = waiting[0].token
        good["registration secret"] = waiting[1].secret
        self.beside["registration secret"] = {"code": waiting[1].code}
        good["reset link"] = await resets.asked(world, api, await resets.person(world))
        user = await resets.person(world)
        new = email_changes.address()
        good["address link"] = await email_changes.asked_for(world, api, user, new)
        user = await resets.person(world)
        token = await email_changes.asked_for(world, api, user, email_changes.address())
        assert await email_changes.confirm(api, token) == []
        done = await email_changes.mails(world, user, changed=True)
        good["undo link"] = email_changes.token_of(done)
        good["deletion link"] = await token_for(world, api, await resets.person(world))
        self.invited, owner = await resets.person(world), await world.user()
        vendor, email = await world.vendor(owner), email_of(self.invited)
        sent = await invitation(world, vendor, owner, email, MemberRole.STAFF)
        good["invitation"] = sent.token
        good["admin invitation"] = await invite(world, email_changes.address())
        booking = await world.booking(await world.user(), await world.service(vendor))
        good["booking link"] = reminders.token_of(world, booking)

    async def _files(self) -> None:
        self.exporting = await self.world.user()
        export, self.good["export link"] = await ready(self.world, self.exporting)
        self._write(f"exports/{export.id}")
        key = incoming_key((await self.world.upload(await self.world.user())).id)
        storage = LocalStorage(self.settings.objects_folder, "http://haat", self.api.keys)
        upload = await storage.create_upload_link(key, "text/plain", 3)
        self.good["upload link"] = _link_of(upload.url)
        self._write("pictures/a")
        options = DownloadOptions("text/plain", "a.txt", inline=False)
        self.good["download link"] = _link_of(
            await storage.create_download_link("pictures/a", options)
        )
        self.till = await Till.open(self.world)
        self.good["QR code"] = (await self.till.voucher()).token

    async def _challenges(self) -> None:
        world, api, good = self.world, self.api, self.good
        user = await resets.person(world)
        self.app = await world.totp(user)
        good["second factor"] = await challenge_of(api, user)
        number, sealer = new_number(), Sealer(api.keys)
        await set_number(world, sealer, await world.user(), number)
        good["phone challenge"] = await ask(api, "requestLoginCode", number)
        self.beside["phone challenge"] = {"code": await code_of(world, sealer)}
        answer = answer_of(sealer)
        await world.save(answer.row)
        good["provider flow"] = answer.proof["flow"]
        self.beside["provider flow"] = {"codeVerifier": answer.proof["codeVerifier"]}
        self.device = SoftAuthenticator(self.settings.relying_party.origins[0])
        await owner_of(world, api, self.device)
        start = await started(api, "LOG_IN")
        good["passkey challenge"] = start["challengeId"]
        self.beside["passkey challenge"] = {"credential": self.device.get(start["options"])}

    def _write(self, key: str) -> None:
        path = self.settings.objects_folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PK")

    async def end_everything(self) -> None:
        """Let the end of all that is stored have come."""
        async with self.world.database.session() as session, session.begin():
            for table, column in ENDS:
                ended = f"UPDATE {table} SET {column} = now() WHERE {column} IS NOT NULL"
                await session.execute(text(ended))


def _link_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["link"][0]


def changed(token: str) -> list[str]:
    """Return what a thief makes of an opaque token, also of its hash in a stolen database."""
    digest = hashlib.sha256(token.encode()).digest()
    other = "a" if token[-1] != "a" else "b"
    return [
        token[:-1] + other,
        token[:-1],
        token + other,
        token.swapcase() if token.swapcase() != token else token[::-1],
        digest.hex(),
        base64.urlsafe_b64encode(digest).decode().rstrip("="),
    ]


def forged(scene: CredentialScene, token: str) -> dict[str, str]:
    """Return tokens with the claims of a signed one, which must be refused."""
    header, claims = _parts(token)
    sets, kind = scene.api.keys.sets, header["typ"]
    key = sets.signing_key(PURPOSES[kind])
    foreign = ECKey.generate_key("P-256", {"kid": str(key.kid)})
    found = {
        "tampered": tampered(token),
        "alg none": unsigned(token),
        "foreign-signed": jwt.encode(header, claims, foreign),
        "signed with the public key": _hmac(header, claims, key),
    }
    for other, purpose in PURPOSES.items():
        if other != kind:
            signing = sets.signing_key(purpose)
            head = header | {"kid": signing.kid}
            found[f"key of {other}"] = jwt.encode(head, claims, signing)
            found[f"typed {other}"] = jwt.encode(header | {"typ": other}, claims, key)
    if "exp" in claims:
        found["expired"] = jwt.encode(header, claims | {"exp": int(time()) - 60}, key)
        found["without an end"] = jwt.encode(
            header, {name: one for name, one in claims.items() if name != "exp"}, key
        )
    for name in ("aud", "iss"):
        if name in claims:
            found[f"another {name}"] = jwt.encode(header, claims | {name: "haat-2"}, key)
    return found


def _parts(token: str) -> list[dict[str, Any]]:
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    ]


def _hmac(header: dict[str, Any], claims: dict[str, Any], key: ECKey) -> str:
    parts = [header | {"alg": "HS256"}, claims]
    joined = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    digest = hmac.digest(key.as_pem(private=False), joined.encode(), hashlib.sha256)
    return f"{joined}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
