"""The benchmark of waiting visitors runs to its end, in its shortest form."""

from benchmarks.waiting import measure_waiting, start_waiting_server


def test_visitors_wait_while_drawings_pages_and_jobs_go_on() -> None:
    with start_waiting_server() as server:
        found = measure_waiting(server, visitors=3, seconds=2, leave_seconds=0)
        log = server.log.read_text(encoding="utf-8")
    assert found.alone.jobs >= 1
    assert len(found.idle.pad) >= 3
    assert len(found.crowded.pad) >= 3
    assert len(found.crowded.page) >= 3
    assert min(found.memory) > 0
    assert [len(row) for row in found.list_rows()] == [2] * 8
    assert "Traceback" not in log
