"""Rate limits and limits of concurrency."""
