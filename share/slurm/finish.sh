#!/bin/bash
# Merges the runs once every task of train.sh has ended, however it ended. `normlab submit` made this script; edit it and
# send it again as you like.
#SBATCH --job-name={{name}}-finish
#SBATCH --cpus-per-task=1
#SBATCH --time={{finish_time}}
#SBATCH --mem={{finish_memory}}
#SBATCH --open-mode=append
#SBATCH --chdir={{folder}}
#SBATCH --output={{logs}}/%j.log
{{options}}
set -u
# The plan as it was submitted: `normlab run` of other runs may have left its own since.
cp {{plan}} {{runs}}/.plan.$$ && mv {{runs}}/.plan.$$ {{runs}}/plan.json || exit
# Where runs are missing, this names them: the same `normlab submit` sends what is left.
{{program}} merge {{runs}}{{plugins}} || exit
status=0
{{plot}} || status=$?
{{judge}} || status=$?
exit "$status"
