"""The parent of warm processes. It has imported Haat, and forks a process for each request.

The imports are all that the processes share: this program makes no event loop, no thread and no
connection, and reads no setting. Run by `tests.warm_processes`.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle

import app  # noqa: F401 - servers import it
import cli
import jobs.worker.process  # noqa: F401 - workers import it
from core.settings import HOME


def answer_requests(control: Connection) -> bool:
    """Answer until the tests end. Returns True in a child, which is to run a command.

    A request is the id of a child, whose exit code is returned as by `subprocess.Popen.poll`, or
    the arguments and the environment of a new one, whose id is returned. The descriptors of its
    output and its errors follow.
    """
    while True:
        try:
            request: int | tuple[list[str], dict[str, str]] = control.recv()
        except EOFError:
            return False
        if isinstance(request, int):
            control.send(_exit_code(request))
            continue
        outputs = [recv_handle(control) for _ in range(2)]
        if not (pid := os.fork()):
            control.close()
            arguments, environment = request
            _become_command(arguments, environment, outputs)
            return True
        for output in outputs:
            os.close(output)
        control.send(pid)


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become_command(
    arguments: Sequence[str], environment: Mapping[str, str], outputs: Sequence[int]
) -> None:
    """Set what `python cli.py` has. Its own children take the program from `__main__`."""
    for number, output in enumerate(outputs, start=1):
        os.dup2(output, number)
        os.close(output)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    program = str(HOME / "cli.py")
    main = sys.modules["__main__"]
    main.__spec__, main.__file__ = None, program
    sys.argv = [program, *arguments]
    sys.path[0] = str(HOME)
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    assert threading.active_count() == 1, "A fork has the locks of other threads, but not these."
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, and they end the rest
    gc.freeze()  # a collection in a child would copy the memory of all objects
    if answer_requests(Connection(int(sys.argv[1]))):
        cli.main()
