"""Entry of every visit: the frame around the pages, and the page that was asked for."""

from cnnviz.web.chrome import open_frame, show_footer, showing_errors
from cnnviz.web.following import offer_following
from cnnviz.web.lecture import show_lecture

page = open_frame()
with showing_errors():
    page.run()
offer_following()
show_lecture()
show_footer()
