"""The cases of graphql-core's own tests of execution, as tables.

Each case runs on the executor and on graphql-core, and the results must be equal. The modules are
named after the files in `tests/execution` of graphql-core 3.3. These do not apply: `incremental/*`
and `test_executor_throwing_on_incremental` (`@defer` and `@stream` are not in the schema, and an
unknown directive leaves the operation to graphql-core); `test_customize`, `test_middleware` and
`test_hooks` (options of graphql-core's executor, which Haat does not use);
`test_cancellation`, `test_aborted_graphql_execution_error` and the cancelling cases of
`test_parallel` (the executor awaits all of a wave); `test_sync` (the executor is
asynchronous); `test_error_propagation` (an experimental directive); `test_execution_result` and
`test_map_async_iterable` (classes of graphql-core); the initialization phase of `test_subscribe`
(engine/live); fragment arguments of `test_variables` (experimental).
"""
