"""A province's own repository, ready for its first rows."""
