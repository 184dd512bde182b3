"""An evaluation that the processes under Paddle's launcher share.

The stock trainer evaluates everybody in every process.  Here the processes divide the
batches and then exchange the predictions; the first process passes them to the metric
in the order of a single process.  So every metric counts every person once, also if the
number of people does not divide.

Evaluations during training are not shared: the first process runs them alone.
"""

import itertools
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import numpy as np
import paddle
import paddle.distributed as dist
from paddle import Tensor
from paddle.io import BatchSampler
from ppdet.metrics import Metric

#: A batch's tensors as arrays, its other entries, and the network's output.
Batch = Tuple[Dict[str, np.ndarray], Dict[str, Any], Dict[str, Any]]


class SharedBatches(BatchSampler):
    """Every n-th batch, where n is the number of processes, from this one's on."""

    def __iter__(self) -> Iterator[List[int]]:
        batches = super().__iter__()
        return itertools.islice(batches, dist.get_rank(), None, dist.get_world_size())

    def __len__(self) -> int:
        return len(range(dist.get_rank(), super().__len__(), dist.get_world_size()))


class SharedMetric(Metric):
    """Keeps this process's batches; in the first process ``metric`` gets those of all.

    ``status`` is the trainer's, which gets the number of all people.
    """

    def __init__(self, metric: Any, status: Dict[str, Any]) -> None:
        self.metric = metric
        self.status = status
        self.reset()

    def reset(self) -> None:
        """Forget the batches."""
        self.batches: List[Batch] = []
        self.metric.reset()

    def update(self, inputs: Dict[str, Any], outputs: Dict[str, Any]) -> None:
        """Keep a batch but for its pixels: ``image`` becomes (N, 0)."""
        small = {**inputs, "image": np.empty((inputs["image"].shape[0], 0))}
        arrays = {k: v.numpy() for k, v in small.items() if isinstance(v, Tensor)}
        rest = {k: v for k, v in small.items() if k not in arrays}
        self.batches.append((arrays, rest, outputs))

    def accumulate(self) -> None:
        """Exchange the batches with the other processes; compute the figures."""
        shares: List[List[Batch]] = []
        dist.all_gather_object(shares, self.batches)
        if dist.get_rank() != 0:
            return
        batches = in_order(shares)
        for arrays, rest, outputs in batches:
            tensors = {key: paddle.to_tensor(value) for key, value in arrays.items()}
            self.metric.update({**rest, **tensors}, outputs)
        self.status["sample_num"] = sum(len(rest["image"]) for _, rest, _ in batches)
        self.metric.accumulate()

    def log(self) -> None:
        """Log the figures, in the first process."""
        if dist.get_rank() == 0:
            self.metric.log()

    def get_results(self) -> Any:
        """The metric's figures; in the first process only."""
        return self.metric.get_results()


def in_order(shares: Sequence[Sequence[Any]]) -> List[Any]:
    """Join the shares of processes that took turns: a0, b0, a1, b1, a2."""
    turns = itertools.zip_longest(*shares)
    return [batch for turn in turns for batch in turn if batch is not None]
