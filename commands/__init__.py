"""Checks of the commands in `cli.py`, before and besides serving, and their messages."""
