"""Benchmarks: the server compared with pgbench in one run. No test asserts their figures."""
