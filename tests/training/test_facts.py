"""Versions and commit that a training writes down."""

import json
import subprocess

import paddle

from ppdet_hourglass import __version__
from ppdet_hourglass.training.facts import commit_of, versions_text


def test_versions():
    found = json.loads(versions_text())
    assert found["ppdet_hourglass"] == __version__
    assert found["paddle"] == paddle.__version__


def test_the_commit_of_a_folder(tmp_path):
    def git(*words):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(tmp_path), *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True)

    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    git("init", "-q")
    assert commit_of(str(package)) is None  # such as an environment in a repository
    git("add", ".")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD").stdout.strip()
    assert commit_of(str(package)) == commit
    (package / "__init__.py").write_text("changed = True\n")
    assert commit_of(str(package)) == f"{commit}-dirty"
