"""Webhooks of payment providers: stored once, then applied by a job."""
