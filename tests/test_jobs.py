"""The job files of docs/jobs, run by their shell with stubs of what a cluster has."""

import argparse
import os
import shlex
import subprocess

import pytest
import yaml

from ppdet_hourglass.cli.train_eval import add_train

from .conftest import ROOT

SLURM = ROOT / "docs/jobs/slurm.sh"

STUBS = {
    "scontrol": 'case $1 in show) printf "a1\\na2\\n";; *) echo "$*" >> calls;; esac',
    "srun": 'case $* in *socket*) echo "$*" >> calls; echo 10.0.0.7;; '
    '*) echo "$*" >> calls; exit ${FAIL:-0};; esac',
    "getent": 'echo "10.0.0.7       $2"',
    "python": 'echo "python $*" >> calls',
}


@pytest.fixture
def dry_run(tmp_path):
    """Runs a script with the stubs; returns its status and the commands it started."""
    for name, text in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    def dry_run(script, **environment):
        environment["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
        subprocess.run(["bash", "-n", "-c", script], check=True)
        done = subprocess.run(["bash", "-c", script], env=environment, cwd=tmp_path)
        return done.returncode, (tmp_path / "calls").read_text().splitlines()

    return dry_run


def check(call, launcher):
    """The launcher's options, and a script and config of the clone."""
    assert f"-m paddle.distributed.launch {launcher} " in call
    words = shlex.split(call)
    start = words.index("tools/train.py")
    assert (ROOT / words[start]).exists()
    parser = train_parser()
    args = parser.parse_args(words[start + 1 :])
    assert (ROOT / args.config).exists() and args.eval and args.resume == "auto"
    assert "TrainReader.batch_size=8" in args.opt  # 2 x 4 x 8: the recipe's 64


def train_parser():
    parser = argparse.ArgumentParser()
    add_train(parser)
    return parser


@pytest.mark.parametrize("restarts", [0, 4, 5])
@pytest.mark.parametrize("fail", [0, 15])
def test_slurm(dry_run, fail, restarts):
    job = {"SLURM_JOB_NODELIST": "a[1-2]", "SLURM_JOB_NUM_NODES": "2"}
    job.update(SLURM_JOB_ID="7", FAIL=str(fail), SLURM_RESTART_COUNT=str(restarts))
    status, (ask, call, *more) = dry_run(SLURM.read_text(), **job)
    assert status == fail
    assert ask.startswith("--nodes=1 --ntasks=1 --nodelist=a1 python -c import socket")
    assert call.startswith("--kill-on-bad-exit=1 python ")
    check(
        call,
        "--master 10.0.0.7:29500 --nnodes 2 --gpus 0,1,2,3 --job_id 7 --log_dir log/7",
    )
    assert more == (["requeue 7"] if fail and restarts < 5 else [])


def test_kubernetes(dry_run):
    text = (ROOT / "docs/jobs/kubernetes.yml").read_text()
    spec = yaml.safe_load(text)["spec"]["replicatedJobs"][0]["template"]["spec"]
    pod = spec["template"]["spec"]
    shell, flag, script = pod["containers"][0]["command"]
    assert (shell, flag) == ("bash", "-c") and spec["parallelism"] == 2
    status, (call,) = dry_run(script)
    assert status == 0
    check(call, "--master 10.0.0.7:29500 --nnodes 2 --gpus 0,1,2,3")
    mounts = {m["name"]: m["mountPath"] for m in pod["containers"][0]["volumeMounts"]}
    assert mounts["memory"] == "/dev/shm"
