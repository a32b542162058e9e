# Placement: before against after the activation, for each normalizer; panels: activation x mini-batch size.
#
#   gnuplot -c placement.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel, log=y|n. The columns of DATA.tsv and RAW.tsv: see choices.gp.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ARG4
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
load here."style.gp"
load here."choices.gp"
