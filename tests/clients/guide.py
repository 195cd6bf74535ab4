"""The code of the client guide: docs/clients.md, docs/clients/*.md and docs/live.md."""

import re
from dataclasses import dataclass

from core.settings import HOME

GUIDE = (
    HOME / "docs/clients.md",
    *sorted((HOME / "docs/clients").glob("*.md")),
    HOME / "docs/live.md",
)
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_DART = re.compile(r"gql\(r'''(.*?)'''\)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block; it has a name when it is a file."""

    language: str
    name: str | None
    text: str


def text() -> str:
    return "\n".join(path.read_text() for path in GUIDE)


def all_blocks() -> list[Block]:
    return [Block(*match.groups()) for match in BLOCK.finditer(text())]


def blocks(language: str) -> list[Block]:
    return [block for block in all_blocks() if block.language == language]


def operations() -> list[str]:
    """Every GraphQL document of the guide, also those within Dart."""
    inside = (found for block in blocks("dart") for found in IN_DART.findall(block.text))
    return [*(block.text for block in blocks("graphql")), *inside]
