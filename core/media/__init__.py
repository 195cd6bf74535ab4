"""Types, metadata and QR codes of files."""
