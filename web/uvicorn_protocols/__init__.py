"""uvicorn's HTTP and WebSocket protocols, with limits and deadlines, and lighter sockets.

The only package that overrides internals of uvicorn and websockets, which is why pyproject.toml
pins both exactly. tests/web/connections, and test_sockets.py and test_limits.py of
tests/subscriptions, fail if an upgrade changes what is overridden here.
"""
