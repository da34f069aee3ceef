"""Entry of every visit: the frame around the pages, and the page that was asked for."""

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.web.chrome import build_navigation, show_footer

st.set_page_config(page_title="CNNViz", layout="wide")
page = build_navigation()
try:
    page.run()
except CNNVizError as error:
    st.error(str(error))
show_footer()
