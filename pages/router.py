"""Entry of every visit: the frame around the pages, and the page that was asked for."""

from cnnviz.errors import CNNVizError
from cnnviz.web.chrome import open_frame, show_error, show_footer
from cnnviz.web.following import offer_following
from cnnviz.web.lecture import show_lecture

page = open_frame()
try:
    page.run()
except CNNVizError as error:
    show_error(error)
offer_following()
show_lecture()
show_footer()
