"""Inspection of files, and QR codes."""
