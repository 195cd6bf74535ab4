"""Calls to payment providers: planned as rows, sent, and ended."""
