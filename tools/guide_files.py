"""Writes the files of the client guide, or of the one for Flutter, into a new folder.

Needs the standard library alone, so that developers of clients can run it in any checkout.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
CLIENT_GUIDE = (DOCS / "clients.md", *sorted((DOCS / "clients").glob("*.md")), DOCS / "live.md")
FLUTTER_GUIDE = (DOCS / "flutter.md", *sorted((DOCS / "flutter").glob("*.md")))
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Blocks for Flutter have their folder in the name.
FOLDERS = {"graphql": "operations", "sh": "programs", "python": "programs"}


@dataclass(frozen=True)
class Block:
    """A fenced block; it has a name when it is a file."""

    language: str
    name: str | None
    text: str


def blocks_of(pages: Iterable[Path]) -> list[Block]:
    text = "\n".join(page.read_text() for page in pages)
    return [Block(*match.groups()) for match in BLOCK.finditer(text)]


def write_files(pages: Iterable[Path], folder: Path) -> list[Path]:
    """Write each block that is a file, in the layout that the guide describes."""
    written = []
    for block in blocks_of(pages):
        if block.name:
            inner = "" if "/" in block.name else FOLDERS.get(block.language, "")
            path = folder / inner / block.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
            written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.guide_files", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder that does not exist, or is empty")
    parser.add_argument("--flutter", action="store_true", help="the files of docs/flutter.md")
    given = parser.parse_args()
    if given.folder.exists() and any(given.folder.iterdir()):
        sys.exit(f"{given.folder} is not empty. Name a new folder.")
    pages = FLUTTER_GUIDE if given.flutter else CLIENT_GUIDE
    written = write_files(pages, given.folder)
    sys.stdout.write(f"{len(written)} files written to {given.folder}.\n")


if __name__ == "__main__":
    main()
