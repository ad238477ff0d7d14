"""Geometry of the charts: numbers in, drawings out. Markup: templates/charts.html.jinja."""
