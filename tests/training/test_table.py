"""``results.csv``."""

import pytest

from ppdet_hourglass.training.table import make_row, read_rows, to_csv

from ..conftest import refused

HEADER = "epoch,step,loss,acc_pose,learning_rate,Wrist,Mean,seconds,memory_mb"


@pytest.mark.parametrize(
    "row, parts",
    [
        ("0,10,abc,1,1,2,3,4,5", ["loss", "'abc'"]),
        ("0.5,10,1,1,1,2,3,4,5", ["epoch", "'0.5'"]),
        (",10,1,1,1,2,3,4,5", ["epoch", "''"]),
        ("0,10,nan,1,1,2,3,4,5", ["loss", "'nan'"]),
        ("0,10,1", ["columns"]),
        ("0,10,1,1,1,2,3,4,5,6", ["columns"]),
    ],
)
def test_a_damaged_table(tmp_path, row, parts):
    path = tmp_path / "results.csv"
    path.write_text(f"{HEADER}\n{row}\n")
    message = refused(read_rows, str(path))
    assert f"{path}: line 2" in message and "move it away" in message
    assert all(part in message for part in parts)


def test_the_table_reads_what_it_wrote(tmp_path):
    rows = [
        make_row({"epoch": 0, "step": 5, "loss": 1e-7}, {"Wrist": 1.0}),
        make_row({"epoch": 1, "step": 10, "seconds": 3.21}, {"AP": 0.5}),
        make_row({"epoch": 2, "step": 15, "loss_stack1": 0.5, "loss_stack2": 0.25}, {}),
    ]
    path = tmp_path / "results.csv"
    path.write_bytes(to_csv(rows))
    read = read_rows(str(path))
    stacks = ["loss_stack1", "loss_stack2"]
    assert list(read[0])[4:9] == ["learning_rate", *stacks, "Wrist", "AP"]
    assert [read[2][name] for name in stacks] == ["0.5", "0.25"]
    assert (read[0]["loss"], read[0]["AP"], read[1]["seconds"]) == ("1e-07", "", "3.2")
    assert read_rows(str(tmp_path / "none.csv")) == []
    assert to_csv(read) == to_csv(rows)


def test_a_table_from_before_a_column_was_added_is_read(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("epoch,step,loss,Mean,seconds\n0,5,0.5,80,3.2\n")
    rows = [*read_rows(str(path)), make_row({"epoch": 1, "acc_pose": 0.5}, {})]
    assert to_csv(rows).decode().splitlines() == [
        "epoch,step,loss,acc_pose,learning_rate,Mean,seconds,memory_mb",
        "0,5,0.5,,,80,3.2,",
        "1,,,0.5000,,,,",
    ]
