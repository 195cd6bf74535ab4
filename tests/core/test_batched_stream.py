"""Log events that wait are written together, in their order, and none is lost."""

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from select import PIPE_BUF

import pytest

from core.observability import batched_stream
from core.observability.batched_stream import MAX_PENDING, BatchedStream


class Writes(io.StringIO):
    """Counts the writes, and signals each."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.written = threading.Event()

    def write(self, text: str) -> int:
        self.texts.append(text)
        self.written.set()
        return super().write(text)


@pytest.fixture
def target() -> Writes:
    return Writes()


def stream_to(target: Writes) -> BatchedStream:
    stream = BatchedStream()
    stream.open(target)
    return stream


def test_lines_are_written_together_by_the_thread(
    target: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    monkeypatch.setattr(
        "core.observability.batched_stream.time.sleep", lambda _: may_write.wait(10)
    )
    stream = stream_to(target)
    for number in range(3):
        stream.write_later(f"{number}\n")
    assert target.texts == []
    may_write.set()
    assert target.written.wait(10)
    assert target.texts == ["0\n1\n2\n"]
    target.written.clear()
    stream.write_later("3\n")
    assert target.written.wait(10), "the thread goes on"


def test_what_is_written_at_once_follows_what_waits(
    target: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batched_stream, "FLUSH_SECONDS", 3_600)
    stream = stream_to(target)
    stream.write_later("request\n")
    stream.write("error\n")
    assert target.texts == ["request\nerror\n"]


def test_a_full_batch_is_written_by_the_caller(
    target: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batched_stream, "FLUSH_SECONDS", 3_600)
    stream = stream_to(target)
    for _ in range(MAX_PENDING):
        stream.write_later("x\n")
    assert target.getvalue() == "x\n" * MAX_PENDING


def test_a_pipe_takes_each_write_in_one_piece(target: Writes) -> None:
    """Otherwise the lines of several processes could be mixed."""
    stream = stream_to(target)
    lines = [f"{number} {'é' * (number % 300)}\n" for number in range(500)]
    for line in lines:
        stream.write_later(line)
    stream.flush()
    assert target.getvalue() == "".join(lines)
    assert len(target.texts) < 100
    for text in target.texts:
        assert len(text.encode()) <= PIPE_BUF
        assert text.endswith("\n")


def test_threads_lose_and_repeat_nothing(target: Writes) -> None:
    stream = stream_to(target)

    def write(name: int) -> None:
        for number in range(2_000):
            (stream.write if number % 7 == 0 else stream.write_later)(f"{name} {number}\n")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.flush()
    lines = target.getvalue().splitlines()
    for name in range(4):
        own = [int(line.split()[1]) for line in lines if line.startswith(f"{name} ")]
        assert own == list(range(2_000))


PROGRAM = """
import logging, os, signal, sys
from core.observability import logging as logs
from core.observability.batched_stream import BatchedStream
from core.observability.request_log import request_log
logs.configure(json=True)
request_log.write("http.request", "test", path="/last")
{end}
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise RuntimeError", 1),
        ("logs.flush(); os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
def test_a_process_that_ends_writes_what_waits(end: str, code: int) -> None:
    call: Sequence[str] = [sys.executable, "-c", PROGRAM.format(end=end)]
    ended = subprocess.run(call, check=False, capture_output=True, text=True)
    assert ended.returncode == code
    assert ended.stderr.count('"path":"/last"') == 1


def test_another_target_is_opened_after_a_closed_one() -> None:
    closed = io.StringIO()
    stream = BatchedStream()
    stream.open(closed)
    closed.close()
    stream.write_later("Lost.\n")
    target = io.StringIO()
    stream.open(target)
    stream.write("Kept.\n")
    assert target.getvalue() == "Kept.\n"
