"""Packs: quota that vendors buy, once or for each period, and what they have used of it."""
