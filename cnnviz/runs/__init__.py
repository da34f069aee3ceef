"""What pages have computed by the worker: runs of heavy results. Nothing here knows Streamlit."""
