"""The sample dataset: a fictional province whose totals equal the published figures."""
