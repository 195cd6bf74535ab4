"""The code of the client guide: docs/clients.md, docs/clients/*.md and docs/live.md."""

import re

from tools.guide_files import CLIENT_GUIDE, Block, blocks_of

IN_DART = re.compile(r"gql\(r'''(.*?)'''\)", re.DOTALL)


def text() -> str:
    return "\n".join(path.read_text() for path in CLIENT_GUIDE)


def all_blocks() -> list[Block]:
    return blocks_of(CLIENT_GUIDE)


def blocks(language: str) -> list[Block]:
    return [block for block in all_blocks() if block.language == language]


def operations() -> list[str]:
    """Every GraphQL document of the guide, also those within Dart."""
    inside = (found for block in blocks("dart") for found in IN_DART.findall(block.text))
    return [*(block.text for block in blocks("graphql")), *inside]
