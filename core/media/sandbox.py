"""Inspects files in a process of their own, with a limit of memory and time.

A hostile image, archive or PDF can take hundreds of megabytes, never end, or attack the decoder.
Its process has no keys, no environment and no connections, and returns its memory when it ends.
"""

import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

import structlog

from core.media.file_types import (
    FileInfo,
    PictureCopy,
    SizedPicture,
    UnacceptableFile,
    UploadRejectionReason,
    image_type,
)
from core.media.sandbox_process import FAILED_BY_LIMIT, MARK, MERGE, PREVIEW, SIZES
from core.runtime.sandbox import SandboxUnavailable, run_in_sandbox

MAX_WAIT_SECONDS = 60  # on a busy machine; the process itself is limited by its CPU time
COMMAND = (sys.executable, "-E", "-s", "-m", "core.media.sandbox_process")
FAILED_BY_FILE = {
    FAILED_BY_LIMIT,
    *(-number for number in (signal.SIGXCPU, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)),
}

log = structlog.get_logger(__name__)


async def clean_file_in_sandbox(file: bytes) -> tuple[FileInfo, bytes]:
    """Return the type and the content to serve, as `clean_file`.

    Raises `UnacceptableFile`, also if the process exceeds its limits, and `SandboxUnavailable`.
    """
    result, content = await _run(file)
    return FileInfo(**result), content or file


async def make_sizes_in_sandbox(file: bytes) -> SizedPicture:
    """Return the sizes of a picture, as `make_sizes`. Raises as `clean_file_in_sandbox`."""
    result, content = await _run(file, SIZES)
    copies, start = [], 0
    for width, height, type, length in result["copies"]:
        copies.append(PictureCopy(width, height, type, content[start : start + length]))
        start += length
    return SizedPicture(result["blurhash"], copies)


async def mark_in_sandbox(file: bytes, text: str) -> bytes:
    """Return a marked copy, as `mark_file`. Raises as `clean_file_in_sandbox`."""
    _, content = await _run(json.dumps(text).encode() + b"\n" + file, MARK)
    return content


async def make_preview_in_sandbox(file: bytes) -> bytes:
    """Return a preview, as `make_preview`. Raises as `clean_file_in_sandbox`."""
    _, content = await _run(file, PREVIEW)
    return content


async def merge_in_sandbox(files: Sequence[bytes]) -> bytes:
    """Return one document, as `merge_files`. Raises as `clean_file_in_sandbox`."""
    head = json.dumps([len(file) for file in files]).encode()
    _, content = await _run(b"\n".join([head, b"".join(files)]), MERGE)
    return content


async def _run(file: bytes, *arguments: str) -> tuple[dict[str, Any], bytes]:
    """Return the object and the content that the process writes."""
    ended = await run_in_sandbox([*COMMAND, *arguments], file, seconds=MAX_WAIT_SECONDS)
    if ended.status:
        _raise_failure(file, ended.status, ended.problem)
    head, _, content = ended.output.partition(b"\n")
    result: dict[str, Any] = json.loads(head)
    if reason := result.get("rejected"):
        raise UnacceptableFile(UploadRejectionReason(reason))
    return result, content


def _raise_failure(file: bytes, status: int, problem: bytes) -> None:
    log.warning("sandbox.failed", status=status, problem=problem[-500:].decode(errors="replace"))
    if status not in FAILED_BY_FILE:
        raise SandboxUnavailable
    limit, damaged = UploadRejectionReason.PIXELS, UploadRejectionReason.DAMAGED
    raise UnacceptableFile(limit if image_type(file) else damaged)
