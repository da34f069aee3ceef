"""Results drawn as plotly figures and pictures; the only place that knows colours."""
