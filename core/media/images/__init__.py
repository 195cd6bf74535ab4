"""Inspection of images, and removal of their metadata."""
