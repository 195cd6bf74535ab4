"""The sale of tickets: holds, queues, waitlists, resale and sales at the desk."""
