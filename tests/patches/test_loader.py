"""Errors in samples are tested in ``tests/end_to_end/test_bad_input.py``."""

import os
import re
import signal

import numpy as np
import pytest
from paddle.io import DataLoader, Dataset

import ppdet_hourglass.plugin  # noqa: F401
from ppdet_hourglass.compat.stock import claim_datasets
from ppdet_hourglass.errors import UserError


class Numbers(Dataset):
    """Its fifth sample kills the process that reads it."""

    def get_anno(self):
        return ""

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return np.array([index])


def claimed():
    data = Numbers()
    claim_datasets({"architecture": "TopDownHourglass", "TrainDataset": data})
    return data


@pytest.mark.parametrize("shared", [True, False])
def test_a_killed_worker_ends_the_run(shared):
    loader = DataLoader(claimed(), num_workers=2, use_shared_memory=shared)
    with pytest.raises(UserError) as error:
        list(loader)
    assert re.match(
        r"data loading process \d+ ended with exit code -9; if memory was short, fewer "
        "may do: -o worker_num=1; if shared memory was: "
        "-o TrainReader.use_shared_memory=false$",
        str(error.value),
    )
