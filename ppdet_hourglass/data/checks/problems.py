"""The problems that people of an annotation file can have."""

from dataclasses import dataclass
from typing import List


@dataclass(frozen=True)
class Problem:
    """A kind of problem.

    Attributes:
        name: for tables.
        is_error: whether a person with it is certainly wrong; if not, a look at the
            picture must decide.
    """

    name: str
    is_error: bool = True


WRONG_VALUE = Problem("missing or wrong value")
IMPOSSIBLE = Problem("impossible value")
MISSING = Problem("missing image")
UNREADABLE = Problem("unreadable image")
CUT_OFF = Problem("image cut off")
UPRIGHT_JOINTS = Problem("joints of the image turned upright")
OUTSIDE = Problem("person outside the image")
HEAD_BOX = Problem("empty head box")
DUPLICATE = Problem("same person twice")
NO_JOINT = Problem("no annotated joint", is_error=False)
TURNED = Problem("image turned by EXIF", is_error=False)
JOINT_OUTSIDE = Problem("joint outside the image", is_error=False)
CROSSED = Problem("left and right crossed", is_error=False)

#: All of the above, in the order of tables.
PROBLEMS = tuple(kind for kind in vars().values() if isinstance(kind, Problem))


@dataclass(frozen=True)
class Finding:
    """A person with a problem.

    Attributes:
        problem: which one.
        record: 0-based index of the person's record in the file.
        image: file name of the image, ``?`` if the record names none.
        detail: what exactly is wrong.
    """

    problem: Problem
    record: int
    image: str
    detail: str


def faulty(findings: List[Finding]) -> List[int]:
    """Sorted indices of the records with an error."""
    return sorted({found.record for found in findings if found.problem.is_error})
