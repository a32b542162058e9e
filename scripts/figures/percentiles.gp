# Percentile traces: where the input to one unit lies while training (15th, 50th and 85th percentile), a panel an
# arm, as in the figure of Ioffe & Szegedy (2015), section 4.1.
#
#   gnuplot -c percentiles.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel. DATA.tsv: panel row arm measure x n runs failed median low high
# coverage, one row a percentile (measure), arm and step. Lines are medians over the seeds, bands their intervals.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ""
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
load here."style.gp"

n_panels = arms * panels
columns_ = panels > 1 ? arms : arms <= 4 ? arms : 3
columns_ = columns_ > 4 ? 4 : columns_
rows_ = (n_panels + columns_ - 1) / columns_
W = 700; H = 130 + rows_ * (rows_ == 1 ? 260 : 160)
log_y = 0
key_rows = 0
eval begin
GRID_TOP = TOP - 2.4 * em / H
GRID_BOTTOM = BOTTOM + 3.5 * em / H
eval panel_width
set xrange [min_x : max_x > min_x ? max_x : min_x + 1]
steps_a_tic = 10 ** floor(log10((max_x - min_x) / 2.0 + 1e-9))
set xtics steps_a_tic * ((max_x - min_x) / steps_a_tic > 10 ? 5 : (max_x - min_x) / steps_a_tic > 4 ? 2 : 1)

dash_of(m) = m == 2 ? 1 : m == 1 ? 2 : 3
percent(s) = strstrt(s, "percentile_") == 1 ? s[12:*]." %" : s
unset key

set multiplot
# The key: what the dashes mean.
if (!text_mode) {
    do for [m = 1:measures] {
        x_key = 0.54 + (m - 0.5 * (measures + 1)) * 0.15; y_key = TOP - 0.45 * em / H
        set arrow from screen x_key - 0.055, screen y_key to screen x_key - 0.01, screen y_key nohead lw (m == 2 ? 2 : 1.2) dt dash_of(m) lc rgb GREY
        set label percent(MEASURE[m]) at screen x_key, screen y_key left
    }
}
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen BOTTOM + 0.8 * em / H center
set label ylabel_text at screen 0.02, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90
of(i, p, m, v) = strcol("panel") eq PANEL[p] && strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[m] ? v : NaN
do for [p = 1:panels] {
    do for [i = 1:arms] {
        k = (p - 1) * arms + i - 1
        c = k % columns_; r = k / columns_
        eval open_panel
        eval y_axis
        heading_text = ARM[i].(strlen(PANEL[p]) ? ", ".short(PANEL[p]) : ""); eval heading
        curves = "plot "
        if (!text_mode) { curves = curves.'for [m = 1:measures] DATA using (column("x")):(of(i, p, m, column("low"))):(of(i, p, m, column("high"))) with filledcurves fc rgb band(PAINT[i]) notitle, ' }
        curves = curves.'for [m = 1:measures] DATA using (column("x")):(of(i, p, m, column("median"))) with lines lw (m == 2 ? 2 : 1.2) dt dash_of(m) lc rgb PAINT[i] notitle'
        eval curves
        unset label; unset arrow
    }
}
unset multiplot
# The key: what the dashes mean.
if (!text_mode) {
    do for [m = 1:measures] {
        x_key = 0.54 + (m - 0.5 * (measures + 1)) * 0.15; y_key = TOP - 0.45 * em / H
        set arrow from screen x_key - 0.055, screen y_key to screen x_key - 0.01, screen y_key nohead lw (m == 2 ? 2 : 1.2) dt dash_of(m) lc rgb GREY
        set label percent(MEASURE[m]) at screen x_key, screen y_key left
    }
}
