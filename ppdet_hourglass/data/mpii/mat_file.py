"""Reading and writing MATLAB files."""

import io
from typing import Any, Dict

from ...errors import UserError, one_line
from ...files import write_whole


def read_mat(path: str, what: str) -> Dict[str, Any]:
    """Read the variables of a .mat file by name; ``what`` it is goes into messages.

    Raises:
        UserError: the file does not exist, or is not a MATLAB file of version 5.
    """
    from scipy.io import loadmat

    try:
        return loadmat(path)
    except FileNotFoundError:
        raise UserError(f"{what} {path} does not exist") from None
    except NotImplementedError:
        raise UserError(
            f"{what} {path} is a MATLAB 7.3 (HDF5) file, but must be of version 5: "
            "take MPII's own, or save it again in MATLAB with save(..., '-v7')"
        ) from None
    except Exception as error:  # SciPy has no common error for damaged files
        raise UserError(
            f"{what} {path} is not a readable .mat file: {one_line(error)}"
        ) from None


def write_mat(path: str, variables: Dict[str, Any]) -> None:
    """Write variables to a .mat file atomically."""
    from scipy.io import savemat

    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=True)
    write_whole(path, buffer.getvalue())
