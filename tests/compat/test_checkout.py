import json

import pytest

from ppdet_hourglass import files
from ppdet_hourglass.__main__ import main
from ppdet_hourglass.compat import checkout

from ..conftest import refused


@pytest.fixture
def target(tmp_path):
    for name in checkout.LANDMARKS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name == "configs" else path.write_text("stock")
    (tmp_path / "configs/runtime.yml").write_text("stock")
    return tmp_path


def snapshot(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_install_and_uninstall_leave_the_checkout_as_it_was(target):
    before = snapshot(target)
    written = checkout.copy_configs(str(target))
    assert "configs/hourglass_mpii_256.yml" in written
    assert "configs/_base_/mpii.yml" in written
    source = files.config_folder()
    for name in written:
        original = source / name[len("configs/") :]
        assert (target / name).read_bytes() == original.read_bytes()
    assert checkout.copy_configs(str(target)) == []
    done = checkout.remove_configs(str(target))
    assert sorted(done["removed"]) == written and done["kept"] == []
    assert snapshot(target) == before
    assert not (target / "configs/_base_").exists()


def test_an_update_replaces_and_removes_its_own_files(target):
    checkout.copy_configs(str(target))
    receipt = target / "configs" / checkout.RECEIPT
    hashes = json.loads(receipt.read_text())
    for name in ("hourglass_mpii_256.yml", "dropped.yml", "edited.yml"):
        path = target / "configs" / name
        path.write_text("of an older version")
        hashes[name] = checkout._hash(path)
    receipt.write_text(json.dumps(hashes))
    (target / "configs/edited.yml").write_text("edited")
    written = checkout.copy_configs(str(target))
    assert written == ["configs/hourglass_mpii_256.yml"]
    assert not (target / "configs/dropped.yml").exists()
    assert (target / "configs/edited.yml").read_text() == "edited"
    assert checkout.remove_configs(str(target))["kept"] == ["configs/edited.yml"]


def test_files_of_others_and_edited_ones_survive(target):
    path = target / "configs/hourglass_mpii_384.yml"
    path.write_text("mine")
    before = snapshot(target)
    message = refused(checkout.copy_configs, str(target))
    assert str(path) in message and "nothing was written" in message
    assert snapshot(target) == before
    path.unlink()
    checkout.copy_configs(str(target))
    path.write_text("epoch: 1")
    message = refused(checkout.copy_configs, str(target))
    assert str(path) in message and "nothing was written" in message
    kept = checkout.remove_configs(str(target))["kept"]
    assert kept == ["configs/hourglass_mpii_384.yml"]
    assert path.read_text() == "epoch: 1"


def test_commands(target, tmp_path, capsys, caplog):
    caplog.set_level("INFO", "ppdet_hourglass")
    empty = tmp_path / "empty"
    empty.mkdir()
    for command in ("install", "uninstall"):
        assert main([command, str(empty)]) == 1
        assert capsys.readouterr().err == (
            f"error: {empty} is not a PaddleDetection checkout: it has no "
            "tools/train.py\n"
        )
    assert list(empty.iterdir()) == []
    assert main(["install", str(target)]) == 0
    assert "wrote configs/hourglass_mpii_256.yml" in caplog.text
    assert f"python -m ppdet_hourglass uninstall {target}" in caplog.text
    assert main(["uninstall", str(target)]) == 0
    assert "removed configs/hourglass_mpii_256.yml" in caplog.text
    assert main(["uninstall", str(target)]) == 1
    assert capsys.readouterr().err.endswith(
        f"error: {target}/configs holds no configs of ppdet_hourglass\n"
    )
