"""Files on their way to buyers: links, copies with a mark, and the use of each link."""
