"""Copy the configs into a PaddleDetection checkout, and remove them.

A receipt in the checkout's ``configs`` folder lists the copied files with their
hashes, so that no other file is ever overwritten or removed.
"""

import hashlib
import json
from pathlib import Path
from typing import Dict, List, Optional

from ..errors import UserError
from ..fields import OBJECT, check
from ..files import config_folder, read_json, write_whole

RECEIPT = ".ppdet_hourglass.json"

#: Files that every PaddleDetection checkout has.
LANDMARKS = ("tools/train.py", "tools/eval.py", "ppdet/engine/trainer.py", "configs")


def copy_configs(checkout: str) -> List[str]:
    """Copy the configs to the ``configs`` of a PaddleDetection checkout.

    Returns:
        The files written, relative to the checkout; empty if all were up to date.

    Raises:
        UserError: the folder is not a checkout, or a file there was edited or is not
            this package's; nothing is written.
    """
    target, source = _configs_of(checkout), config_folder()
    paths = {
        path.relative_to(source).as_posix(): path for path in source.rglob("*.yml")
    }
    hashes = {name: _hash(paths[name]) for name in sorted(paths)}
    receipt = _read_receipt(target)
    for name, digest in hashes.items():
        if _hash(target / name) not in (None, receipt.get(name), digest):
            own = f"{target / name} was changed since ppdet_hourglass wrote it"
            raise UserError(f"{own}: move it away first; nothing was written")
    stale = [name for name in hashes if _hash(target / name) != hashes[name]]
    for name in stale:
        write_whole(str(target / name), (source / name).read_bytes())
    dropped = {name: digest for name, digest in receipt.items() if name not in hashes}
    edited = {name: dropped[name] for name in _remove(target, dropped)["kept"]}
    content = json.dumps({**hashes, **edited}, indent=1).encode()
    write_whole(str(target / RECEIPT), content)
    return [f"configs/{name}" for name in stale]


def remove_configs(checkout: str) -> Dict[str, List[str]]:
    """Remove the files that :func:`copy_configs` wrote.

    Returns:
        The ``removed`` files, and the files ``kept`` because they were edited.

    Raises:
        UserError: the folder is not a checkout, or nothing was installed there.
    """
    target = _configs_of(checkout)
    receipt = _read_receipt(target)
    if not receipt:
        raise UserError(f"{target} holds no configs of ppdet_hourglass")
    done = _remove(target, receipt)
    (target / RECEIPT).unlink()
    return {what: [f"configs/{name}" for name in names] for what, names in done.items()}


def _remove(target: Path, receipt: Dict[str, str]) -> Dict[str, List[str]]:
    """Delete the receipt's files unless they were edited; lists both as above."""
    done: Dict[str, List[str]] = {"removed": [], "kept": []}
    for name, digest in receipt.items():
        path = target / name
        if _hash(path) == digest:
            done["removed"].append(name)
            path.unlink()
            if path.parent != target and not any(path.parent.iterdir()):
                path.parent.rmdir()
        elif path.exists():
            done["kept"].append(name)
    return done


def _configs_of(checkout: str) -> Path:
    root = Path(checkout)
    missing = [name for name in LANDMARKS if not (root / name).exists()]
    if missing:
        raise UserError(
            f"{checkout} is not a PaddleDetection checkout: it has no {missing[0]}"
        )
    return root / "configs"


def _read_receipt(target: Path) -> Dict[str, str]:
    path = target / RECEIPT
    if not path.exists():
        return {}
    try:
        return check(read_json(str(path), "receipt"), OBJECT, str(path))
    except UserError as error:
        raise UserError(f"{error}; delete it to install again") from None


def _hash(path: Path) -> Optional[str]:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
