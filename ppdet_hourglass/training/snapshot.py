"""Snapshots on disk, each of which is complete or absent, whenever the process dies.

Snapshot NAME consists of weights and states (``NAME.pdparams``, ``NAME.pdopt``, with
averaged weights ``NAME.pdema``, and ``NAME.pdstate`` for what the stock files have no
place for) and of the manifest ``NAME.json``, which holds their sizes and checksums.

The files are first written as ``FILE.new`` and flushed.  The renaming of the manifest
is the instant at which the snapshot comes into being and an older one of that name
ends.  The files get their names after it; :func:`recover` does this for a process that
died in between, so that no instant is without one of the two.
"""

import json
import os
import zlib
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

import paddle

from ..compat.state_file import PDPARAMS
from ..errors import UserError
from ..fields import WHOLE
from ..files import read_json

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

CHUNK = 1 << 20


class Snapshot(NamedTuple):
    """A snapshot that has a manifest; :func:`defect` tells whether its files are whole.

    Attributes:
        folder: its folder.
        name: its name, such as ``3``.
        facts: content of the manifest.
    """

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
        facts: further content of the manifest, as JSON has it.

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
            _remove(os.path.join(folder, file + STAGED))
        raise
    _flush(folder)
    for file in files:
        path = os.path.join(folder, file)
        os.replace(path + STAGED, path)
    for ending in {OPTIMIZER, TRAINED, STATE} - set(states):
        _remove(os.path.join(folder, name + ending))
    _flush(folder)


def _stage(folder: str, file: str, state: Any) -> Dict[str, int]:
    path = os.path.join(folder, file + STAGED)
    paddle.save(state, path)
    _flush(path)
    return _fingerprint(path)


def _write_manifest(folder: str, name: str, facts: Mapping[str, Any]) -> None:
    path = os.path.join(folder, name + MANIFEST)
    with open(path + STAGED, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
    _flush(path + STAGED)
    os.replace(path + STAGED, path)


def annotate(folder: str, name: str, **facts: Any) -> None:
    """Add facts to the manifest of a snapshot; nothing happens if there is none.

    Raises:
        OSError: the manifest cannot be written; it is as before.
    """
    if os.path.exists(os.path.join(folder, name + MANIFEST)):
        _write_manifest(folder, name, {**read(folder, name).facts, **facts})


def recover(folder: str) -> None:
    """Finish what a process that died had begun in a folder, or remove its traces."""
    if not os.path.isdir(folder):
        return
    staged = [file for file in os.listdir(folder) if file.endswith(STAGED)]
    if not staged:
        return
    complete = [s.facts["files"] for s in snapshots(folder)[0]]
    records = {file: record for files in complete for file, record in files.items()}
    for file in staged:
        path = os.path.join(folder, file)
        final = path[: -len(STAGED)]
        if _fingerprint(path) == records.get(os.path.basename(final)):
            os.replace(path, final)
        elif file[: -len(STAGED)].endswith((*ENDINGS, MANIFEST)):
            os.remove(path)
    _flush(folder)


def snapshots(folder: str) -> Tuple[List[Snapshot], Dict[str, str]]:
    """The snapshots of a folder.

    Returns:
        Those with a manifest, newest first; and by name the reason why others are none.
    """
    found: List[Snapshot] = []
    refused: Dict[str, str] = {}
    files = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    names = {os.path.splitext(f)[0] for f in files if f.endswith((WEIGHTS, MANIFEST))}
    for name in sorted(names):
        try:
            found.append(read(folder, name))
        except UserError as error:
            if name + WEIGHTS in files:
                refused[name] = str(error)
    found.sort(key=lambda s: (s.facts["serial"], s.name.isdigit()), reverse=True)
    return found, refused


def read(folder: str, name: str) -> Snapshot:
    """Read a snapshot's manifest.

    Raises:
        UserError: there is no manifest, or it is none of this module's.
    """
    path = os.path.join(folder, name + MANIFEST)
    facts = read_json(path, "manifest")
    if not _is_manifest(facts, name):
        raise UserError(f"{path} is not the manifest of a snapshot")
    return Snapshot(folder, name, facts)


def _is_manifest(facts: Any, name: str) -> bool:
    keys = ("serial", "epoch", "step", "steps_per_epoch", "seed")
    if not isinstance(facts, dict) or not all(WHOLE.fits(facts.get(k)) for k in keys):
        return False
    files, own = facts.get("files"), {name + ending for ending in ENDINGS}
    return (
        isinstance(files, dict)
        and {name + WEIGHTS} <= set(files) <= own
        and all(isinstance(record, dict) for record in files.values())
    )


def defect(snapshot: Snapshot) -> Optional[str]:
    """What is wrong with a snapshot's files; None if they are as they were written."""
    for file, record in snapshot.facts["files"].items():
        path = os.path.join(snapshot.folder, file)
        if not os.path.isfile(path):
            return f"{file} is missing"
        size = os.path.getsize(path)
        if size != record.get("bytes"):
            return f"{file} has {size} bytes, not {record.get('bytes')}"
        if _fingerprint(path) != record:
            return f"{file} does not have the checksum of its manifest"
    return None


def remove(snapshot: Snapshot) -> None:
    """Delete a snapshot, its manifest first."""
    _remove(snapshot.path + MANIFEST)
    for file in snapshot.facts["files"]:
        _remove(os.path.join(snapshot.folder, file))


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


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.remove(path)
