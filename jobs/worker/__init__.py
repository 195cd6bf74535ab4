"""The worker process, its connection to the queue, and its loop of announcements."""
