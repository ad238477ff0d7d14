"""Domain objects become the texts of pages, one module for each kind."""
