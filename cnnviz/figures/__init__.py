"""Results drawn as plotly figures and images; the only place that knows colours."""
