"""``docs/parity.md`` shows the table that the tests go by."""

from ..conftest import ROOT
from .tolerances import TABLE

HEADER = "| stage | against | tolerance | largest deviation |"


def documented():
    lines = (ROOT / "docs/parity.md").read_text().splitlines()
    start = lines.index(HEADER) + 2
    for line in lines[start:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_document_shows_the_table():
    rows = list(documented())
    expected = [[row.stage, row.against, row.shown()] for row in TABLE.values()]
    assert [row[:3] for row in rows] == expected


def test_the_figures_seen_are_within_the_tolerances():
    figures = [float(row[3]) for row in documented()]
    assert all(row.allows(figure) for row, figure in zip(TABLE.values(), figures))


def test_nothing_that_is_no_number_is_allowed():
    row = TABLE["network"]
    assert row.allows(1e-4) and not row.allows(1.1e-4)
    assert not row.allows(float("nan"))
