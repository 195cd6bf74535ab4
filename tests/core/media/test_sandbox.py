"""Files are inspected in a process with a limit of memory and time."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.media import sandbox
from core.media.file_types import FileInfo, UnacceptableFile, UploadRejectionReason
from core.media.sandbox import clean_file_in_sandbox
from core.runtime.sandbox import SandboxUnavailable
from tests.factories.files import PAGE, TAKEN, TEXT, pdf, picture
from tests.factories.metadata_files import FILES

HEAD = "from core.media.sandbox_process import _limit_resources as limit; limit(); "
HANGS = "import time; time.sleep(60)"
SPINS = "import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass"
FILLS_MEMORY = HEAD + "import sys; from core.media import inspection; "
FILLS_MEMORY += "inspection.clean_file = lambda _: bytes(10**9); "
FILLS_MEMORY += "from core.media.sandbox_process import main; sys.exit(main())"
CRASHES = "import ctypes; ctypes.string_at(0)"
WRITES = HEAD + "import os; os.write(os.open({path!r}, os.O_CREAT | os.O_WRONLY), b'x')"
NO_ENVIRONMENT = "import os, sys; sys.exit(1 if 'DATABASE_URL' in os.environ else 3)"


@pytest.fixture
def children() -> Iterator[None]:
    """Check that no process is left."""
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= before


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(sandbox, "COMMAND", (sys.executable, "-c", code))


@pytest.mark.parametrize("type", TAKEN)
async def test_each_accepted_type_passes(type: str) -> None:
    info, content = await clean_file_in_sandbox(TAKEN[type])
    assert (info.type, content) == (type, TAKEN[type])


async def test_metadata_is_removed() -> None:
    type, file = FILES["photo.jpg"]
    info, content = await clean_file_in_sandbox(file)
    assert info == FileInfo(type, 30, 40)
    assert b"CANARY" not in content


async def test_a_rejected_file_keeps_its_reason() -> None:
    with pytest.raises(UnacceptableFile) as unfit:
        await clean_file_in_sandbox(PAGE)
    assert unfit.value.rejection_reason is UploadRejectionReason.TYPE


@pytest.mark.parametrize("code", [SPINS, FILLS_MEMORY, CRASHES], ids=["time", "memory", "crash"])
@pytest.mark.parametrize(
    ("file", "reason"), [(picture(), "PIXELS"), (pdf(), "DAMAGED")], ids=["image", "document"]
)
async def test_a_file_that_exceeds_the_limits_is_rejected(
    monkeypatch: pytest.MonkeyPatch, children: None, code: str, file: bytes, reason: str
) -> None:
    run_instead(monkeypatch, code)
    with pytest.raises(UnacceptableFile) as unfit:
        await clean_file_in_sandbox(file)
    assert unfit.value.rejection_reason == reason


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-c", HANGS),
        (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
        (sys.executable, "-c", "raise SystemExit(1)"),
        ("/nowhere/python",),
    ],
    ids=["hangs", "killed", "fails", "missing"],
)
async def test_a_process_that_does_not_work_is_not_the_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, children: None, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sandbox, "COMMAND", command)
    monkeypatch.setattr(sandbox, "MAX_WAIT_SECONDS", 0.5)
    with pytest.raises(SandboxUnavailable):
        await clean_file_in_sandbox(TEXT)


async def test_a_cancelled_inspection_ends_its_process(
    monkeypatch: pytest.MonkeyPatch, children: None
) -> None:
    run_instead(monkeypatch, HANGS)
    task = asyncio.create_task(clean_file_in_sandbox(TEXT))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_process_has_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    run_instead(monkeypatch, NO_ENVIRONMENT)
    with pytest.raises(UnacceptableFile):
        await clean_file_in_sandbox(TEXT)


async def test_the_process_writes_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "file"
    run_instead(monkeypatch, WRITES.format(path=str(path)))
    with pytest.raises(SandboxUnavailable):
        await clean_file_in_sandbox(TEXT)
    assert path.read_bytes() == b""
