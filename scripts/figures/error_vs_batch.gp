# Error against mini-batch size: median and interval an arm, the seeds as faint points, failures above.
#
#   gnuplot -c error_vs_batch.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel, second (what the dashed line is), log=y|n. `normlab plot` writes
# DATA.tsv (panel row arm measure x n runs failed median low high coverage) and RAW.tsv (... x seed value)
# beside the figure. The first measure is solid, a second one dashed.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ARG4
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
load here."style.gp"

log_x = 2
load here."lines.gp"
