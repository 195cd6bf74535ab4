"""Runs commands of `haat` that end at once."""

import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from typer.testing import CliRunner, Result

from cli import main
from core.observability.logging import configure
from core.settings import HOME, Settings


def haat(command: str, **environment: str) -> tuple[int, str]:
    """Run a command with these settings alone. Returns its exit code and what it prints."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, str(HOME / "cli.py"), command],
        env=kept | {"ENVIRONMENT": "development"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, " ".join((ran.stdout + ran.stderr).split())


def assert_refused(ran: tuple[int, str], *sentences: str) -> None:
    code, output = ran
    assert code == 2, output
    assert "Traceback" not in output
    for sentence in sentences:
        assert sentence in output


def in_process(command: str, **environment: str) -> tuple[int, str]:
    """Run a command that is refused or only checks, without the seconds of a new process."""
    unset = dict.fromkeys(name.upper() for name in Settings.model_fields)
    ran = invoke([command], unset | {"ENVIRONMENT": "development"} | environment)
    assert isinstance(ran.exception, SystemExit)
    return ran.exit_code, " ".join(ran.output.split())


def invoke(command: Sequence[str], environment: Mapping[str, str | None]) -> Result:
    """Run a command in this process, and undo what it changes in the logging."""
    try:
        return CliRunner().invoke(main, command, env=environment)
    finally:
        # Some commands log nothing for the rest of their process, and to the runner's stream.
        logging.disable(logging.NOTSET)
        logging.getLogger("core.database").setLevel(logging.NOTSET)
        configure(json=False)
