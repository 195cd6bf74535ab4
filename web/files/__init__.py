"""Files behind signed links: objects of uploads, and documents that are made when they are read."""
