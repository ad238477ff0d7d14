"""From finished pages to a site on disk that others can verify."""
