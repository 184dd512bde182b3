"""Goals, the printed report, its JSON, and the table of ``docs/speed.md``."""

import importlib.metadata
import json
import os
import platform
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from .workers import ROOT

RESULTS = os.path.join(ROOT, "build", "benchmarks")
PAGE = os.path.join(ROOT, "docs", "speed.md")
TABLE_START, TABLE_END = "<!-- table: make bench -->", "<!-- end of table -->"
PACKAGES = "paddlepaddle paddledet numpy opencv-python simplejpeg openvino".split()


@dataclass(frozen=True)
class Goal:
    """A ratio of two ways' times, or a time, and its limit.

    Args:
        name: what is measured, as the table says it.
        ratio: measured ratio or time.
        at_most: largest ratio that meets the goal, if that is how it is stated.
        at_least: smallest ratio that meets the goal, if so.
        unit: ``x`` for a ratio, `` s`` or `` ms`` for a time.
    """

    name: str
    ratio: float
    at_most: Optional[float] = None
    at_least: Optional[float] = None
    unit: str = "x"

    @property
    def met(self) -> bool:
        """Whether the ratio is within the limit."""
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return self.ratio >= self.at_least

    @property
    def limit(self) -> str:
        """The limit in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}{self.unit}"
        return f"at least {self.at_least:g}{self.unit}"

    @property
    def measured(self) -> str:
        """What was measured, with its unit."""
        return f"{self.ratio:.2f}{self.unit}"


@dataclass(frozen=True)
class Result:
    """What a benchmark measured.

    Args:
        ways: summaries by way, as :func:`benchmarks.workers.in_turn` returns them.
        goals: ratios and whether they are met.
        facts: other figures, such as shares or megabytes, by name.
    """

    ways: Dict[str, Dict[str, Any]]
    goals: List[Goal]
    facts: Dict[str, Any]


def machine() -> Dict[str, str]:
    """Processor, cores, system and package versions."""
    facts = {"processor": _processor(), "cores": str(len(os.sched_getaffinity(0)))}
    facts["python"] = platform.python_version()
    for package in PACKAGES:
        try:
            facts[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return facts


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line for line in file if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else platform.machine()


def verdicts(name: str) -> Dict[str, bool]:
    """Goal -> whether the benchmark's last run met it; empty if there was none."""
    try:
        with open(_record(name), encoding="utf-8") as file:
            return {goal["name"]: goal["met"] for goal in json.load(file)["goals"]}
    except FileNotFoundError:
        return {}


def verdict(goal: Goal, before: Dict[str, bool]) -> str:
    """Whether a goal is met, and what the last run said if it disagrees."""
    words = {True: "met", False: "not met"}
    said = words[goal.met]
    if before.get(goal.name, goal.met) != goal.met:
        said += f" ({words[not goal.met]} in the run before)"
    return said


def _record(name: str) -> str:
    return os.path.join(RESULTS, f"{name}.json")


def show(name: str, result: Result) -> None:
    """Print a benchmark's report, and write it to ``build/benchmarks/NAME.json``."""
    facts, before = machine(), verdicts(name)
    print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in facts.items()))
    for way, times in result.ways.items():
        print(
            f"  {way:40} {1000 * times['seconds']:10.2f} ms   "
            f"({1000 * times['fastest']:.2f} to {1000 * times['slowest']:.2f}, "
            f"{times['runs']} runs)"
        )
    for fact, value in result.facts.items():
        print(f"  {fact:40} {value}")
    for goal in result.goals:
        print(f"  {goal.name}: {goal.measured}, {goal.limit}: {verdict(goal, before)}")
    os.makedirs(RESULTS, exist_ok=True)
    record = {
        "machine": facts,
        "ways": result.ways,
        "facts": result.facts,
        "goals": [{**vars(goal), "met": goal.met} for goal in result.goals],
    }
    with open(_record(name), "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)


def write_table(results: Dict[str, Result], before: Dict[str, Dict[str, bool]]) -> None:
    """Rewrite the table of goals in ``docs/speed.md``.

    Args:
        results: of each benchmark.
        before: :func:`verdicts` of each benchmark in the run before.
    """
    rows = [
        "| benchmark | what is compared | measured | goal | verdict |",
        "| --- " * 5 + "|",
    ]
    for name, result in results.items():
        for goal in result.goals:
            row = [f"`{name}`", goal.name, goal.measured, goal.limit]
            rows.append(f"| {' | '.join([*row, verdict(goal, before[name])])} |")
    facts = ", ".join(f"{key} {value}" for key, value in machine().items())
    with open(PAGE, encoding="utf-8") as file:
        head, rest = file.read().split(TABLE_START)
    _, tail = rest.split(TABLE_END)
    table = "\n".join([TABLE_START, *rows, "", f"Measured on: {facts}.", TABLE_END])
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(head + table + tail)
