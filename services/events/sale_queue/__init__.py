"""Sale queues of events."""
