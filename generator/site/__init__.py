"""Pages: addresses, views, markup, shells, search index and downloads."""
