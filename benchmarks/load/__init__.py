"""The load: its rows, its requests, and the process that sends them."""
