"""Pages are tested in a process that has started as the server does.

A module that is first imported while a test has replaced a function would keep the replacement.
"""

from cnnviz.web.startup import import_page_modules

import_page_modules()
