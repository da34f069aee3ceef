"""The Streamlit side of CNNViz, and its JSON routes."""
