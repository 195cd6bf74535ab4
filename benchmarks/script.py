"""Captured statements as a pgbench script: the same SQL, with pgbench's own numbers in it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from benchmarks.capture import Transaction
from benchmarks.numbers import MADE, uuid_sql

PARAMETER = re.compile(r"\$(\d+)")
NAME = re.compile(r":(?=[A-Za-z_])")
EMPTY = "''"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Script:
    """Text for `-f`, and the constants of it for `-D`, under names that begin with `name`.

    `known` maps texts of the captured request to SQL that makes their like for
    another number. Any other id in it was made by the server, so each run makes
    one of its own. With nothing known, everything is sent as it was captured.
    """

    name: str
    known: Mapping[str, str]
    text: str = ""
    constants: dict[str, str] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        transactions: Sequence[Transaction],
        known: Mapping[str, str] | None = None,
    ) -> "Script":
        script = cls(name, known or {})
        for transaction in transactions:
            script.text += "BEGIN;\n"
            for statement, parameters in transaction.statements:
                sent = [script._sent(value) for value in parameters]
                sql = PARAMETER.sub(lambda found, sent=sent: sent[int(found[1]) - 1], statement)  # type: ignore[misc]
                script.text += sql.strip().rstrip(";") + ";\n"
            script.text += f"{transaction.ending};\n"
        return script

    @property
    def numbered(self) -> bool:
        """Whether each run is about another number."""
        return bool(self.known)

    def _sent(self, value: Any) -> str:
        """A parameter, as the driver would send it if the number were another."""
        if value is None:
            return "NULL"
        if isinstance(value, list):
            return f"(ARRAY[{', '.join(map(self._written, value))}])"
        plain = _plain(value)
        if self._changing(plain):
            return self._written(plain)
        name = f"{self.name}_{len(self.constants)}"
        self.constants[name] = plain
        return f":{name}"

    def _written(self, value: Any) -> str:
        """A value in SQL; a text is put together from what is fixed in it and what is not."""
        if isinstance(value, int):
            return str(value)
        plain, parts, end = _plain(value), [], 0
        for found in self._changing(plain):
            parts += [_quoted(plain[end : found.start()]), self._expression(found[0])]
            end = found.end()
        parts.append(_quoted(plain[end:]))
        return f"({' || '.join(filter(None, parts)) or EMPTY})"

    def _changing(self, plain: str) -> list[re.Match[str]]:
        if not self.numbered:
            return []
        pattern = "|".join([*map(re.escape, self.known), UUID.pattern])
        return list(re.finditer(pattern, plain))

    def _expression(self, text: str) -> str:
        if text in self.known:
            return self.known[text]
        kind = MADE + len(self._made)
        return self._made.setdefault(text, uuid_sql(kind, "number"))


def _plain(value: Any) -> str:
    """The text form that PostgreSQL reads."""
    match value:
        case bytes():
            return f"\\x{value.hex()}"
        case datetime():
            return value.isoformat()
        case dict():
            return json.dumps(value)
    return str(value)


def _quoted(text: str) -> str:
    """A literal. pgbench looks for `:name` within quotes too, so none is left in one piece."""
    escaped = text.replace("'", "''")
    pieces = NAME.sub(":' || '", escaped)
    return f"'{pieces}'" if text else ""
