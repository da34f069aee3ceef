"""What every test of a page needs.

Pages are tested in a process that has started as the server does: a module that is first imported
while a test has replaced a function would keep the replacement. And no page's work outlives its
test: the next test's would have to wait for it.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from cnnviz.jobs import line
from cnnviz.web.startup import import_page_modules

import_page_modules()


@pytest.fixture(scope="package", autouse=True)
def packages_are_searched_once() -> Iterator[None]:
    """Each page that is opened would search every installed package for components again."""
    search = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        yield


@pytest.fixture(autouse=True)
def no_job_outlives_its_test() -> Iterator[None]:
    yield
    line._QUEUE.close(seconds=60)
