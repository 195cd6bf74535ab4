"""docs/operating.md, "Your first hour in production", to the letter, on an empty database."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller

from core.documents.trusted_documents import sha256
from core.runtime.embedded import as_role
from core.settings import HOME
from tests import servers
from tests.commands.installation import Installation, postgresql_programs
from tests.processes import ended_afterwards, free_port

PAGE = (HOME / "docs/operating.md").read_text()
SECTION = PAGE.partition("## Your first hour in production\n")[2].partition("\n## ")[0]
(ROLES,) = re.findall(r"```sql\n(CREATE ROLE haat_owner.*?)```", PAGE, re.DOTALL)
BLOCKS = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
LINK = re.compile(r"^http\S+#\S+$", re.MULTILINE)
MAILED_CODE = re.compile(r"^    (\d{6})\r?$", re.MULTILINE)
PASSWORD = "kitchen-ladder-74-plum"
DOCUMENT = re.compile(r'id="(\w+)" data-hash="(\w+)" data-document="([^"]+)"')
needs_programs = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is not here"
)


@dataclass
class Mailbox:
    """The mail that the worker sends."""

    codes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        text = message_from_bytes(envelope.content, policy=policy.default).get_content()
        for code in MAILED_CODE.findall(text):
            self.loop.call_soon_threadsafe(self.codes.put_nowait, code)
        return "250 OK"


@dataclass
class Shell:
    """A shell that keeps its variables and functions between blocks."""

    installation: Installation
    state: Path

    async def run(self, block: str) -> str:
        return await asyncio.to_thread(self._run, block)

    def _run(self, block: str) -> str:
        haat = f'haat() {{ "{sys.executable}" "{HOME}/cli.py" "$@"; }}\n'
        names = "PASSWORD TOKEN ADMIN OWNER SECRET CODE CATEGORY VENDOR OFFER REGISTER VERIFY"
        keep = f'declare -p {names} 2>/dev/null > "{self.state}"; declare -f ask >> "{self.state}"'
        read = f'[ -f "{self.state}" ] && . "{self.state}"\n'
        script = f"{haat}{read}set -e -o pipefail\n{block}\nset +e\n{keep}; true"
        ran = subprocess.run(
            ["bash", "-c", script],
            env=os.environ | dict(self.installation.environment),
            cwd=HOME,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@contextmanager
def started(installation: Installation, command: str, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HOME / "cli.py"), command],
            env=os.environ | dict(installation.environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with ended_afterwards(process):
        yield


async def until_served(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"{url}/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)


async def follow(link: str) -> None:
    """Do what the page of the link does, with its own documents."""
    page_url, _, token = link.partition("#")
    async with httpx.AsyncClient() as http:
        page = (await http.get(page_url)).text
        documents = {name: (hash, text) for name, hash, text in DOCUMENT.findall(page)}

        async def post(name: str, variables: dict[str, Any]) -> Any:
            hash, text = documents[name]
            text = text.replace("&#34;", '"')
            assert sha256(text) == hash
            body = {"query": text, "variables": variables}
            answer = (
                await http.post(page_url.replace("/auth/admin", "/graphql"), json=body)
            ).json()
            (found,) = answer["data"].values()
            return found

        state = await post("auth_link", {"token": token})
        assert state == {
            "purpose": "ACCEPT_ADMIN",
            "email": "asha@shop.example",
            "accountExists": False,
        }
        given = {"token": token, "password": PASSWORD, "name": "Asha"}
        done = await post("accept_admin_invitation", {"input": given})
        assert done == {"viewer": {"role": "ADMIN"}, "errors": []}
        assert await post("auth_link", {"token": token}) is None


async def create(name: str) -> None:
    """Create the database and its roles by the statements of the page, with other names."""
    block = ROLES
    for theirs, ours in (
        ("haat_owner", f"{name}_owner"),
        ("haat_app", f"{name}_app"),
        ("DATABASE haat ", f"DATABASE {name} "),
        ("connect haat\n", f"connect {name}\n"),
    ):
        assert theirs in block
        block = block.replace(theirs, ours)
    command = [str(postgresql_programs() / "psql"), "--set=ON_ERROR_STOP=1", "--quiet"]
    url = servers.superuser_url_of("postgres")
    execute = partial(subprocess.run, [*command, url], input=block, text=True, check=True)
    await asyncio.to_thread(execute)


@pytest.fixture
async def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def empty(tmp_path: Path, worker_id: str, mailbox: Mailbox) -> AsyncIterator[Installation]:
    """Yield an installation on an empty database, whose mail goes to the mailbox."""
    name = f"haat_first_hour_{worker_id}"
    await create(name)
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield await Installation.create(
        tmp_path,
        as_role(servers.superuser_url_of(name), f"{name}_app"),
        smtp_port=controller.port,
        MIGRATIONS_URL=as_role(servers.superuser_url_of(name), f"{name}_owner"),
        ANONYMOUS_POINTS="1000000",
    )
    controller.stop()


@needs_programs
async def test_the_first_hour(empty: Installation, mailbox: Mailbox, tmp_path: Path) -> None:
    shell, output, link = Shell(empty, tmp_path / "state"), "", ""
    with ExitStack() as processes:
        for block in BLOCKS:
            if block == "haat serve &\nhaat worker &\n":
                for command in ("serve", "worker"):
                    log = tmp_path / f"{command}.log"
                    processes.enter_context(started(empty, command, log))
                await until_served(empty.url)
                await follow(link)
            elif block == "PASSWORD='the password that you chose'\n":
                await shell.run(f"PASSWORD={PASSWORD}")
            elif block == "CODE=123456\n":
                async with asyncio.timeout(60):
                    await shell.run(f"CODE={await mailbox.codes.get()}")
            else:
                output = await shell.run(block)
                if found := LINK.search(output):
                    link = found[0]
        assert re.search(r'"voucher":{"code":"[^"]+","state":"CLAIMED"}', output), output
        assert '"errors":[]' in output


def test_the_page_shows_every_step() -> None:
    assert len(BLOCKS) == 14
    assert [block for block in BLOCKS if "haat categories load" in block]
