"""Verdicts of the benchmarks, and the table of docs/speed.md."""

import pytest

from benchmarks import report
from benchmarks.report import Goal, Result

QUICK = Goal("quick", 1.234, at_most=1.3)
FAR = Goal("far", 9.0, at_least=10, unit=" m")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Records and page in a folder of the test's own."""
    monkeypatch.setattr(report, "RESULTS", str(tmp_path))
    monkeypatch.setattr(report, "PAGE", str(tmp_path / "speed.md"))
    (tmp_path / "speed.md").write_text(
        f"above\n{report.TABLE_START}\nold\n{report.TABLE_END}\nbelow\n"
    )
    return tmp_path


def test_a_run_says_where_the_one_before_disagrees(folder, capsys):
    report.show("walk", Result({}, [QUICK, FAR], {}))
    assert "quick: 1.23x, at most 1.3x: met\n" in capsys.readouterr().out
    before = report.verdicts("walk")
    assert before == {"quick": True, "far": False}
    slow = Result({}, [Goal("quick", 1.4, at_most=1.3), FAR], {})
    report.show("walk", slow)
    shown = capsys.readouterr().out
    assert "1.40x, at most 1.3x: not met (met in the run before)\n" in shown
    assert "far: 9.00 m, at least 10 m: not met\n" in shown
    report.write_table({"walk": slow}, {"walk": before})
    page = (folder / "speed.md").read_text()
    assert page.startswith("above\n") and page.endswith("\nbelow\n")
    assert "old" not in page
    row = "| `walk` | far | 9.00 m | at least 10 m | not met |"
    assert row in page.splitlines()


def test_the_first_run_has_none_before():
    assert report.verdicts("walk") == {}
