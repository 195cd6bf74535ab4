"""Keeps what a process writes, such as private files of chats, from other users of the machine."""

import os
import stat
from pathlib import Path

PRIVATE_UMASK = 0o077  # folders 0700, files 0600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_new_files_private() -> None:
    """Let no other user read the files that this process and its children create."""
    os.umask(PRIVATE_UMASK)


def make_private(path: Path) -> None:
    """Take the access of other users to a file, or to a folder and everything in it.

    A private folder is not searched: its contents cannot be reached. Raises `OSError`.
    """
    if not path.exists() or not _restrict(path):
        return
    if path.is_dir():
        for inner in path.rglob("*"):
            _restrict(inner)


def _restrict(path: Path) -> bool:
    """Return whether other users had access."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode) or not mode & OTHERS:
        return False
    path.chmod(stat.S_IMODE(mode) & ~OTHERS)
    return True
