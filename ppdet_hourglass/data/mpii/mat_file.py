"""Reading and writing MATLAB files.

SciPy's compiled reader trusts a file's sizes: of damaged files about one in a hundred
crashes the process or never ends.  So a process of its own reads them.
"""

import io
import multiprocessing
import os
import signal
from typing import Any, Dict

from ...errors import UserError, one_line
from ...files import write_whole

#: A file is given up after so many seconds, and one more for so many bytes.  MPII's
#: own, of 14 MB, takes half a minute of its 700 s.
LEAST_SECONDS, LEAST_SPEED = 4, 20_000


def read_mat(path: str, what: str) -> Dict[str, Any]:
    """Read the variables of a .mat file by name; ``what`` it is goes into messages.

    Raises:
        UserError: the file does not exist, or is not a MATLAB file of version 5.
    """
    if not os.path.exists(path):
        raise UserError(f"{what} {path} does not exist")
    try:
        return _loaded_by_a_child(path)
    except NotImplementedError:
        raise UserError(
            f"{what} {path} is a MATLAB 7.3 (HDF5) file, but must be of version 5: "
            "take MPII's own, or save it again in MATLAB with save(..., '-v7')"
        ) from None
    except Exception as error:  # SciPy has no common error for damaged files
        raise UserError(
            f"{what} {path} is not a readable .mat file: {one_line(error)}"
        ) from None


def _loaded_by_a_child(path: str) -> Dict[str, Any]:
    """SciPy's result, or whatever error it had; EOFError if it crashed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=_load, args=(path, sender), daemon=True)
    child.start()
    sender.close()
    limit = LEAST_SECONDS + os.path.getsize(path) / LEAST_SPEED
    try:
        if not receiver.poll(limit):
            raise TimeoutError(f"damaged? It was not read within {limit:.0f} s")
        result = receiver.recv()
    except EOFError:
        raise EOFError("damaged? The process that read it crashed") from None
    finally:
        child.kill()
        child.join()
    if isinstance(result, Exception):
        raise result
    return result


def _load(path: str, sender: Any) -> None:
    """Send a file's variables, or the error; a crash shall say nothing."""
    from scipy.io import loadmat

    for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE):
        signal.signal(number, signal.SIG_DFL)  # Paddle's handlers print
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        sender.send(loadmat(path))
    except Exception as error:
        sender.send(
            error if type(error) is NotImplementedError else OSError(one_line(error))
        )


def write_mat(path: str, variables: Dict[str, Any]) -> None:
    """Write variables to a .mat file atomically."""
    from scipy.io import savemat

    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=True)
    write_whole(path, buffer.getvalue())
