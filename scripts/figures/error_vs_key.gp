# Error against any numeric key: median and interval an arm, the seeds as faint points, failures above.
#
#   gnuplot -c error_vs_key.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel, second (what the dashed line is), log=y|n, logx=2|10|n. The files are
# as for error_vs_batch.gp.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ARG4
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
load here."style.gp"

# A log axis where the values are positive and span more than a factor of 20.
log_x = min_x > 0 && max_x > 20 * min_x ? 10 : 0
if (strlen(option("logx", ""))) { log_x = option("logx", "") eq "n" ? 0 : int(option("logx", "")) }
load here."lines.gp"
