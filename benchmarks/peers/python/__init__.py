"""The Python servers that Haat is compared with."""
