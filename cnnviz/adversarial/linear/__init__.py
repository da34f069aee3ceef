"""A linear classifier, trained here in a moment, and how it is fooled: by its own weights."""
