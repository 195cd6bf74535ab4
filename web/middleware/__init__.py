"""ASGI middleware: what each HTTP request passes before its route."""
