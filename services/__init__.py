"""The business operations: functions that take a session and never commit."""
