"""Ways of doing one piece of work, each in a process of its own, timed in turn.

A way is a module that calls :func:`serve`.  Its own process lets it have its own Python
environment, environment variables and cores.  This module imports the standard library
alone, so that a peer's environment can import it.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any, Callable, Dict, Iterable, List, Optional

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def serve(make_step: Callable[..., Callable[[], Optional[Dict[str, Any]]]]) -> None:
    """Make a step, run it to warm up, and run it for each line of standard input.

    Each run is answered by a line of JSON: its wall time as ``seconds``; the time that
    cores spent on it as ``cpu``, also in seconds, which other load lengthens less; and
    the facts that the step returns, if any.

    Args:
        make_step: takes the command line's arguments, as strings.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error
    step = make_step(*sys.argv[1:])
    for _ in itertools.chain(["warm up"], sys.stdin):
        start, cpu_start = time.perf_counter(), time.process_time()
        facts = step() or {}
        cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
        answer = {"seconds": seconds, "cpu": cpu, **facts}
        print(json.dumps(answer), file=answers, flush=True)


class Way:
    """A process that does the work whenever it is asked.

    Args:
        name: what the table calls this way.
        module: module that calls :func:`serve`, such as ``benchmarks.input_stock``.
        arguments: its command line.
        python: interpreter of the environment that it runs in.
        cores: numbers of the cores that it may use; all if None.
        env: environment variables to set; None as a value unsets one.
    """

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Iterable[object] = (),
        python: str = sys.executable,
        cores: Optional[Iterable[int]] = None,
        env: Optional[Dict[str, Optional[str]]] = None,
    ) -> None:
        self.name = name
        variables = {**os.environ, "PYTHONPATH": ROOT, **(env or {})}
        self._process = subprocess.Popen(
            [python, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={key: value for key, value in variables.items() if value is not None},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if cores is not None:
            os.sched_setaffinity(self._process.pid, cores)
        self.runs: List[Dict[str, Any]] = []
        self.warm_up = self._answer()

    def step(self) -> None:
        """Do the work once, and keep its time and facts."""
        self._process.stdin.write("step\n")
        self._process.stdin.flush()
        self.runs.append(self._answer())

    def _answer(self) -> Dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the process ended; its error is above")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()

    def median(self, key: str) -> float:
        """Median of a figure of the runs, such as ``seconds``."""
        return statistics.median(run[key] for run in self.runs)

    def summary(self) -> Dict[str, Any]:
        """Medians, fastest and slowest seconds, and the facts of the last run."""
        seconds = sorted(run["seconds"] for run in self.runs)
        return {
            **self.runs[-1],
            "seconds": self.median("seconds"),
            "cpu": self.median("cpu"),
            "fastest": seconds[0],
            "slowest": seconds[-1],
            "runs": len(seconds),
        }


def in_turn(ways: List[Way], rounds: int) -> Dict[str, Dict[str, Any]]:
    """Run all ways in turn, so that other load on the machine meets them alike.

    Returns:
        The summary of each way, by its name.
    """
    try:
        for _ in range(rounds):
            for way in ways:
                way.step()
    finally:
        for way in ways:
            way.close()
    return {way.name: way.summary() for way in ways}
