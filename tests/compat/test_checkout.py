import json

import pytest

from ppdet_hourglass import files
from ppdet_hourglass.__main__ import main
from ppdet_hourglass.compat import checkout
from ppdet_hourglass.errors import UserError


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


def test_an_update_replaces_its_own_files(target):
    checkout.copy_configs(str(target))
    name = "configs/hourglass_mpii_256.yml"
    (target / name).write_text("older version")
    receipt = target / "configs" / checkout.RECEIPT
    hashes = json.loads(receipt.read_text())
    hashes["hourglass_mpii_256.yml"] = checkout._hash(target / name)
    receipt.write_text(json.dumps(hashes))
    assert checkout.copy_configs(str(target)) == [name]


def test_an_update_removes_what_is_no_longer_shipped(target):
    checkout.copy_configs(str(target))
    receipt = target / "configs" / checkout.RECEIPT
    hashes = json.loads(receipt.read_text())
    for name in ("dropped.yml", "edited.yml"):
        (target / "configs" / name).write_text(name)
        hashes[name] = checkout._hash(target / "configs" / name)
    (target / "configs/edited.yml").write_text("edited")
    receipt.write_text(json.dumps(hashes))
    checkout.copy_configs(str(target))
    assert not (target / "configs/dropped.yml").exists()
    assert (target / "configs/edited.yml").read_text() == "edited"
    assert checkout.remove_configs(str(target))["kept"] == ["configs/edited.yml"]


def test_nothing_of_others_is_overwritten(target):
    other = target / "configs/hourglass_mpii_384.yml"
    other.write_text("mine")
    before = snapshot(target)
    with pytest.raises(UserError) as error:
        checkout.copy_configs(str(target))
    assert str(error.value).startswith(f"{other} is not as ppdet_hourglass left it")
    assert snapshot(target) == before


def test_edited_files_survive(target):
    checkout.copy_configs(str(target))
    edited = target / "configs/hourglass_mpii_256.yml"
    edited.write_text("epoch: 1")
    with pytest.raises(UserError, match="move it away first; nothing was written"):
        checkout.copy_configs(str(target))
    done = checkout.remove_configs(str(target))
    assert done["kept"] == ["configs/hourglass_mpii_256.yml"]
    assert edited.read_text() == "epoch: 1"


def test_refuses_what_is_no_checkout(tmp_path, capsys):
    for command in ("install", "uninstall"):
        assert main([command, str(tmp_path)]) == 1
        assert capsys.readouterr().err == (
            f"error: {tmp_path} is not a PaddleDetection checkout: it has "
            "no tools/train.py\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_uninstall_without_install(target):
    with pytest.raises(UserError, match="holds no configs of ppdet_hourglass"):
        checkout.remove_configs(str(target))


def test_commands_say_what_they_did(target, capsys, caplog):
    caplog.set_level("INFO", "ppdet_hourglass")
    assert main(["install", str(target)]) == 0
    assert "wrote configs/hourglass_mpii_256.yml" in caplog.text
    assert f"undo with:  python -m ppdet_hourglass uninstall {target}" in caplog.text
    assert main(["uninstall", str(target)]) == 0
    assert "removed configs/hourglass_mpii_256.yml" in caplog.text
