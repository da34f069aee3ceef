"""What the server's start has done before pages run; `conftest.py` does it for these tests."""

import sys

from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

from cnnviz.web.startup import import_page_modules
from tests.running_app import ROOT


def test_a_run_of_a_page_changes_no_search_path() -> None:
    """A thread that looks for an installed package meanwhile would leave a folder out."""
    before = list(sys.path)
    with modified_sys_path(str(ROOT / "pages" / "router.py")):
        assert sys.path == before
    import_page_modules()
    assert sys.path == before
