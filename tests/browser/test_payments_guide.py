"""The script of docs/payments.md pays an order on a server with demo data, as printed."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from core.settings import HOME
from tests.browser.demo_servers import DemoServers
from tools.guide_files import blocks_of

pytestmark = [
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here"),
    pytest.mark.timeout(300),
]


async def test_the_script_pays_an_order(demo: DemoServers, tmp_path: Path) -> None:
    (block,) = blocks_of([HOME / "docs/payments.md"])
    (tmp_path / str(block.name)).write_text(block.text)
    ran = await asyncio.to_thread(
        subprocess.run,
        ["sh", str(block.name)],
        cwd=tmp_path,
        env=os.environ | {"HAAT": demo.address},
        input="\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    asked, printed = ran.stdout.splitlines()
    assert asked.startswith(f"Pay at {demo.payments}/pay/"), ran
    order = json.loads(printed)["data"]["checkPayment"]["order"]
    assert (order["state"], order["paymentState"]) == ("CONFIRMED", "PAID"), ran
