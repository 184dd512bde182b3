"""Groups of people by what MPII says about them beside their joints."""

from typing import Dict, List, Optional, Tuple

import numpy as np

from ..data.mpii.details import Details

#: Names of groups, and the index (N,) of each person's.
Codes = Tuple[List[str], np.ndarray]

#: Group of people about whom nothing is known.
UNKNOWN = "unknown"


def groups_of(details: Optional[Details]) -> Dict[str, Codes]:
    """Groups by property: kinds of activity, the most frequent first, and occlusion."""
    if details is None:
        return {}
    numbers = np.array([len(joints) for joints in details.occluded], int)
    names = ["none", "1 or 2", "3 to 5", "6 or more"]
    return {
        "Activity": _by_name(details.categories),
        "Occluded joints": (names, np.digitize(numbers, [1, 3, 6])),
    }


def _by_name(categories: List[Optional[str]]) -> Codes:
    named = [category or UNKNOWN for category in categories]
    names, codes, counts = np.unique(named, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return names[order].tolist(), np.argsort(order)[codes]
