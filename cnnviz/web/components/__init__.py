"""What Streamlit has no widget for: one folder each, with Python, script, style and markup."""
