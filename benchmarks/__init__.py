"""Benchmarks against pgbench. No test asserts their figures."""
