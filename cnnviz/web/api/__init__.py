"""The JSON routes that the server answers beside its pages."""

from cnnviz.web.api import digit, jobs

routes = [*digit.routes, *jobs.routes]
