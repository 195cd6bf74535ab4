"""What is paid for: orders, and purchases from the platform."""
