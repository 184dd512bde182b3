#!/bin/bash
#SBATCH --job-name=hourglass
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=20
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
# Usage: sbatch docs/jobs/slurm.sh, in the clone, which all hosts must share.
set -euo pipefail

# The address by which the first host knows itself: its launcher is the meeting point.
ask='import socket as s; print(s.gethostbyname(s.getfqdn(s.gethostname())))'
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
address=$(srun --nodes=1 --ntasks=1 --nodelist="$first" python -c "$ask")

status=0
srun --kill-on-bad-exit=1 python -m paddle.distributed.launch \
    --master "$address:29500" --nnodes "$SLURM_JOB_NUM_NODES" --gpus 0,1,2,3 \
    --job_id "$SLURM_JOB_ID" --log_dir "log/$SLURM_JOB_ID" \
    tools/train.py -c configs/hourglass_mpii_256_fast.yml --eval -r auto \
    -o TrainReader.batch_size=8 || status=$?

# Stopped by the time limit, or failed: the same job goes on, five times at most.
if [ "$status" -ne 0 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
