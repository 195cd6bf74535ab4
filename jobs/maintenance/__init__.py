"""Jobs of the server itself: clean-up, rotations of keys, and jobs of workers that died."""
