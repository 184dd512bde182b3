"""Snapshots on disk: complete or absent, whenever the process dies.

Snapshot NAME consists of weights and states (``NAME.pdparams``, ``NAME.pdopt``, with
averaged weights ``NAME.pdema``, and ``NAME.pdstate`` for what the stock files have no
place for) and of the manifest ``NAME.json``, which holds their sizes and checksums, and
its own.

The files are first written as ``FILE.new`` and flushed.  Renaming the manifest makes
the snapshot exist and ends an older one of that name.  The files are renamed after it;
:func:`recover` does this for a process that died in between, so one of the two exists
at every moment.
"""

import json
import os
import re
import zlib
from contextlib import suppress
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

import paddle

from ..compat.state_file import PDPARAMS
from ..errors import UserError
from ..fields import WHOLE
from ..files import read_json

BEST, FINAL = "best_model", "model_final"

#: Endings of a snapshot's files, and of the manifest.
ENDINGS = WEIGHTS, OPTIMIZER, TRAINED, STATE = (
    PDPARAMS,
    ".pdopt",
    ".pdema",
    ".pdstate",
)
MANIFEST = ".json"

#: Ending of files that are not yet part of a snapshot.
STAGED = ".new"

#: Such files of this package; others with that ending belong to someone else.
OWN_STAGED = re.compile(
    rf"(\d+(_\d+)?|{BEST}|{FINAL})({'|'.join((*ENDINGS, MANIFEST))}){STAGED}"
)

CHUNK = 1 << 20


class Snapshot(NamedTuple):
    """A snapshot such as ``3``, and its manifest; :func:`defect` looks at its files."""

    folder: str
    name: str
    facts: Dict[str, Any]

    @property
    def path(self) -> str:
        """The path that PaddleDetection takes: its files' without the ending."""
        return os.path.join(self.folder, self.name)


def write(
    folder: str, name: str, states: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """Write a snapshot, in place of an older one of the same name if there is one.

    Args:
        folder: made if missing.
        name: name of the snapshot.
        states: what to save, by ending of the file.
        facts: further content of the manifest.

    Raises:
        OSError: a file cannot be written; the snapshots in the folder are as before.
    """
    os.makedirs(folder, exist_ok=True)
    recover(folder)
    files = {name + ending: state for ending, state in states.items()}
    try:
        records = {file: _stage(folder, file, state) for file, state in files.items()}
        _write_manifest(folder, name, {**facts, "files": records})
    except OSError:
        for file in (*files, name + MANIFEST):
            remove_file(os.path.join(folder, file + STAGED))
        raise
    _flush(folder)
    for file in files:
        path = os.path.join(folder, file)
        os.replace(path + STAGED, path)
    for ending in {OPTIMIZER, TRAINED, STATE} - set(states):
        remove_file(os.path.join(folder, name + ending))
    _flush(folder)


def _stage(folder: str, file: str, state: Any) -> Dict[str, int]:
    path = os.path.join(folder, file + STAGED)
    paddle.save(state, path)
    _flush(path)
    return _fingerprint(path)


def _write_manifest(folder: str, name: str, facts: Mapping[str, Any]) -> None:
    path = os.path.join(folder, name + MANIFEST)
    with open(path + STAGED, "w", encoding="utf-8") as file:
        json.dump({**facts, "checksum": _checksum(facts)}, file, indent=1)
    _flush(path + STAGED)
    os.replace(path + STAGED, path)


def _checksum(facts: Mapping[str, Any]) -> int:
    """Checksum of a manifest without it."""
    values = {key: value for key, value in facts.items() if key != "checksum"}
    return zlib.crc32(json.dumps(values, sort_keys=True).encode())


def annotate(folder: str, name: str, **facts: Any) -> None:
    """Add facts to the manifest of a snapshot; nothing happens if there is none.

    Raises:
        OSError: the manifest cannot be written; it is as before.
    """
    if os.path.exists(os.path.join(folder, name + MANIFEST)):
        _write_manifest(folder, name, {**read(folder, name).facts, **facts})


def recover(folder: str) -> None:
    """Finish the write that a dead process began in a folder, or remove its traces."""
    files = os.listdir(folder) if os.path.isdir(folder) else []
    staged = [file for file in files if OWN_STAGED.fullmatch(file)]
    if not staged:
        return
    complete = [s.facts["files"] for s in snapshots(folder)[0]]
    records = {file: record for files in complete for file, record in files.items()}
    for file in staged:
        path = os.path.join(folder, file)
        final = path[: -len(STAGED)]
        if _fingerprint(path) == records.get(os.path.basename(final)):
            os.replace(path, final)
        else:
            os.remove(path)
    _flush(folder)


def snapshots(folder: str) -> Tuple[List[Snapshot], Dict[str, str]]:
    """A folder's snapshots, newest first; and by name, why others are invalid."""
    found: List[Snapshot] = []
    refused: Dict[str, str] = {}
    files = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    weights = [f for f in files if f.endswith((WEIGHTS, WEIGHTS + STAGED))]
    for name in sorted({file[: file.rindex(WEIGHTS)] for file in weights}):
        try:
            found.append(read(folder, name))
        except UserError as error:
            if name + WEIGHTS in files:
                refused[name] = str(error)
    found.sort(key=lambda s: (s.facts["serial"], s.name.isdigit()), reverse=True)
    return found, refused


def read(folder: str, name: str) -> Snapshot:
    """Read a snapshot's manifest; UserError if it is missing, changed or invalid."""
    path = os.path.join(folder, name + MANIFEST)
    facts = read_json(path, "manifest")
    whole = ("serial", "epoch", "step", "steps_per_epoch", "seed")
    own = {name + ending for ending in ENDINGS}
    files = facts.get("files") if isinstance(facts, dict) else None
    if (
        not isinstance(files, dict)
        or not all(WHOLE.fits(facts.get(key)) for key in whole)
        or not {name + WEIGHTS, name + OPTIMIZER} <= set(files) <= own
    ):
        raise UserError(f"{path} is not the manifest of a snapshot")
    # Manifests of earlier versions have no checksum.
    if facts.get("checksum", _checksum(facts)) != _checksum(facts):
        raise UserError(f"{path} was changed: its checksum does not match")
    return Snapshot(folder, name, facts)


def defect(snapshot: Snapshot) -> Optional[str]:
    """What is wrong with a snapshot's files; None if they are intact."""
    for file, record in snapshot.facts["files"].items():
        path = os.path.join(snapshot.folder, file)
        if not os.path.isfile(path):
            return f"{file} is missing"
        size = os.path.getsize(path)
        if size != record.get("bytes"):
            return f"{file} has {size} bytes, not {record.get('bytes')}"
        if _fingerprint(path) != record:
            return f"{file} does not match the checksum in its manifest"
    return None


def remove(snapshot: Snapshot) -> None:
    """Delete a snapshot, its manifest first."""
    remove_file(snapshot.path + MANIFEST)
    for file in snapshot.facts["files"]:
        remove_file(os.path.join(snapshot.folder, file))


def _fingerprint(path: str) -> Dict[str, int]:
    checksum = 0
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return {"bytes": os.path.getsize(path), "crc32": checksum}


def _flush(path: str) -> None:
    """Have the system write a file, or the names in a folder, to the disk."""
    if os.name != "posix" and os.path.isdir(path):
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_file(path: str) -> None:
    """Delete a file if it is there."""
    with suppress(FileNotFoundError):
        os.remove(path)
