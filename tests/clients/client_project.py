"""A folder in which the programs of tests/clients/node run beside the code of the guide."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests import npm
from tools.guide_files import CLIENT_GUIDE, write_files

NODE = Path(__file__).parent / "node"
BIN = Path(sys.executable).parent
LINES = 300
SECONDS = 120


@dataclass(frozen=True)
class ClientProject:
    """A copy of the programs, with the guide's files in `app/`: runs cannot disturb each other."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def build(cls, folder: Path, **environment: str) -> "ClientProject":
        npm.install(NODE)
        shutil.copytree(
            NODE, folder, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True
        )
        (folder / "node_modules").symlink_to(NODE / "node_modules")
        shutil.copytree(folder / "operations", folder / "app/operations")
        write_files(CLIENT_GUIDE, folder / "app")
        return cls(folder, environment)

    def run(self, *command: str, within: str = ".", **environment: str) -> str:
        """Return the output of a program, which must succeed within two minutes."""
        path = f"{self.folder / 'node_modules/.bin'}:{BIN}:{os.environ['PATH']}"
        ran = subprocess.Popen(
            command,
            cwd=self.folder / within,
            env=os.environ | self.environment | environment | {"PATH": path, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = Timer(SECONDS, ran.kill)
        watch.start()
        output, _ = ran.communicate()
        watch.cancel()
        assert ran.returncode == 0, "\n".join(output.splitlines()[-LINES:])
        return output
