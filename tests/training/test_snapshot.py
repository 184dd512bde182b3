"""Snapshots whose writing is cut off at every point."""

import errno
import itertools
import json
import os
from contextlib import suppress

import paddle
import pytest

from ppdet_hourglass.errors import UserError
from ppdet_hourglass.training import snapshot


class Killed(BaseException):
    """The end of the process: no handler of errors sees it."""


def states(value, endings=(".pdparams", ".pdopt", ".pdstate")):
    return {e: {"w": paddle.full([1000], float(value))} for e in endings}


def facts(value):
    keys = dict.fromkeys(("epoch", "step", "steps_per_epoch", "seed"), 0)
    return {**keys, "serial": value}


def write(folder, value, name="7", endings=(".pdparams", ".pdopt", ".pdstate")):
    snapshot.write(str(folder), name, states(value, endings), facts(value))


def value_of(path):
    return float(paddle.load(str(path))["w"].mean())


@pytest.fixture
def fail_at(monkeypatch):
    """Lets the n-th call that changes the folder fail, before or halfway."""

    def arm(failure, number):
        calls = itertools.count()

        def failing(function, half=None):
            def call(*args, **kwargs):
                if next(calls) == number:
                    if half:
                        half(*args)
                    raise failure
                return function(*args, **kwargs)

            return call

        def half_a_file(state, path):
            save(state, path)
            os.truncate(path, os.path.getsize(path) // 2)

        def half_a_text(content, file, **kwargs):
            file.write(json.dumps(content)[:20])

        save, dump = paddle.save, json.dump
        for name in ("replace", "fsync", "remove"):
            monkeypatch.setattr(snapshot.os, name, failing(getattr(os, name)))
        monkeypatch.setattr(snapshot.paddle, "save", failing(save, half_a_file))
        monkeypatch.setattr(snapshot.json, "dump", failing(dump, half_a_text))
        return lambda: next(calls) > number

    return arm


@pytest.mark.parametrize("failure", [Killed(), OSError(errno.ENOSPC, "full")])
def test_the_old_or_the_new_one_survives_each_instant(
    failure, fail_at, tmp_path, monkeypatch
):
    survivors = []
    for number in itertools.count():
        folder = tmp_path / str(number)
        write(folder, 1, "6")
        write(folder, 1, "best_model")
        happened = fail_at(failure, number)
        with suppress(Killed, OSError):
            write(folder, 2, "best_model", (".pdparams", ".pdopt"))
        monkeypatch.undo()
        # Whoever reads the weights now, such as eval, finds a whole file.
        assert value_of(folder / "best_model.pdparams") in (1, 2)
        snapshot.recover(str(folder))
        found, refused = snapshot.snapshots(str(folder))
        assert {s.name for s in found} == {"6", "best_model"} and not refused
        assert [snapshot.defect(s) for s in found] == [None, None]
        best = snapshot.read(str(folder), "best_model")
        value = best.facts["serial"]
        assert {value_of(folder / file) for file in best.facts["files"]} == {value}
        assert not list(folder.glob("*.new"))
        survivors.append(value)
        if not happened():
            break
    # one change of mind, at the renaming of the manifest
    assert survivors == sorted(survivors) and set(survivors) == {1, 2}
    assert len(survivors) >= 12


def test_a_first_snapshot_is_complete_or_absent(fail_at, tmp_path, monkeypatch):
    for number in itertools.count():
        folder = tmp_path / str(number)
        happened = fail_at(Killed(), number)
        with suppress(Killed):
            write(folder, 1)
        monkeypatch.undo()
        snapshot.recover(str(folder))
        found, refused = snapshot.snapshots(str(folder))
        assert not refused and all(snapshot.defect(s) is None for s in found)
        assert len(found) or not list(folder.iterdir())
        if not happened():
            break
    assert len(found) == 1


def test_a_failed_write_leaves_nothing(fail_at, tmp_path, monkeypatch):
    write(tmp_path, 1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    fail_at(OSError(errno.ENOSPC, "No space left on device"), 2)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, 2)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_of_the_older_one_go(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 2, endings=(".pdparams", ".pdopt"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "7.json",
        "7.pdopt",
        "7.pdparams",
    ]


def test_the_newest_comes_first(tmp_path):
    for value, name in enumerate(("9", "10", "best_model", "0")):
        write(tmp_path, value, name)
    (tmp_path / "5.pdparams").write_bytes(b"of the stock trainer")
    (tmp_path / "results.json").write_text("[]")
    found, refused = snapshot.snapshots(str(tmp_path))
    assert [s.name for s in found] == ["0", "best_model", "10", "9"]
    assert refused == {"5": f"manifest {tmp_path}/5.json does not exist"}


def test_what_is_wrong(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 2, "8")
    seven = snapshot.read(str(tmp_path), "7")
    assert snapshot.defect(seven) is None
    os.replace(tmp_path / "8.pdopt", tmp_path / "7.pdopt")
    wrong = "7.pdopt does not match the checksum in its manifest"
    assert snapshot.defect(seven) == wrong
    size = os.path.getsize(tmp_path / "7.pdparams")
    os.truncate(tmp_path / "7.pdparams", 10)
    assert snapshot.defect(seven) == f"7.pdparams has 10 bytes, not {size}"
    eight = snapshot.read(str(tmp_path), "8")
    assert snapshot.defect(eight) == "8.pdopt is missing"


def test_a_manifest_that_is_none(tmp_path):
    (tmp_path / "best_model.json").write_text('{"figure": 3, "epoch": 1}')
    message = f"{tmp_path}/best_model.json is not the manifest of a snapshot"
    with pytest.raises(UserError, match=f"^{message}$"):
        snapshot.read(str(tmp_path), "best_model")


def test_a_changed_manifest_is_refused(tmp_path):
    write(tmp_path, 1)
    path = tmp_path / "7.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "epoch": 1000000000}))
    found, refused = snapshot.snapshots(str(tmp_path))
    assert not found and "checksum" in refused["7"] and str(path) in refused["7"]
    content.pop("checksum")  # as earlier versions wrote it
    path.write_text(json.dumps(content))
    assert snapshot.defect(snapshot.read(str(tmp_path), "7")) is None


@pytest.mark.parametrize(
    "value", [None, [], {}, {"files": []}, {"files": {"7.pdparams": 1}}, 3, "7"]
)
def test_odd_manifests_are_refused(tmp_path, value):
    write(tmp_path, 1)
    (tmp_path / "7.json").write_text(json.dumps(value))
    assert list(snapshot.snapshots(str(tmp_path))[1]) == ["7"]


def test_files_of_strangers_stay(tmp_path):
    write(tmp_path, 1)
    for name in ("notes.json.new", "7.pdopt.new", "mine.pdparams.new"):
        (tmp_path / name).write_text("x")
    snapshot.recover(str(tmp_path))
    left = sorted(path.name for path in tmp_path.glob("*.new"))
    assert left == ["mine.pdparams.new", "notes.json.new"]


def test_annotating(tmp_path):
    write(tmp_path, 1)
    snapshot.annotate(str(tmp_path), "7", evaluated=True)
    seven = snapshot.read(str(tmp_path), "7")
    assert seven.facts["evaluated"] is True and snapshot.defect(seven) is None
    snapshot.annotate(str(tmp_path), "8", evaluated=True)
    assert not (tmp_path / "8.json").exists()


def test_removing(tmp_path):
    write(tmp_path, 1)
    snapshot.remove(snapshot.read(str(tmp_path), "7"))
    assert not list(tmp_path.iterdir())
