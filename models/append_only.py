"""Tables whose rows never change: the audit log and the ledgers."""

from typing import Any

# Among the arguments of a table. Only its owner has the rights to change and to delete rows, and
# triggers refuse that to the owner as well.
APPEND_ONLY: dict[str, Any] = {"info": {"append_only": True}}
