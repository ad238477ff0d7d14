"""Datasets: their catalog, the check, loading, import from elsewhere, and the sample."""
