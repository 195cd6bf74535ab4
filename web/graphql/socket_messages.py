"""Checks messages of `graphql-transport-ws` before they are handled.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

MAX_ID_LENGTH = 255  # graphql-ws sends 36 characters
TYPES = {"connection_init", "ping", "pong", "subscribe", "complete"}
OF_OPERATIONS = {"subscribe", "complete"}
WITH_OPTIONAL_PAYLOAD = {"connection_init", "ping", "pong"}


def find_violation(message: object) -> str | None:
    """Return what is wrong with a decoded message, None if nothing is."""
    if not isinstance(message, dict):
        return "A message must be a JSON object."
    type = message.get("type")
    if not isinstance(type, str) or type not in TYPES:
        return f"`type` must be one of {', '.join(sorted(TYPES))}."
    id = message.get("id")
    if type in OF_OPERATIONS and not (isinstance(id, str) and 0 < len(id) <= MAX_ID_LENGTH):
        return f"`id` must be a string of 1 to {MAX_ID_LENGTH} characters."
    payload = message.get("payload")
    if type == "subscribe" and not isinstance(payload, dict):
        return "`payload` must be an object."
    if type in WITH_OPTIONAL_PAYLOAD and not isinstance(payload, dict | None):
        return "`payload` must be an object or null."
    return None
