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
series = 1
load here."style.gp"

# A panel an arm; where there are several panels an arm, a row an arm.
n_panels = arms * panels
columns_ = panels > 1 ? panels : arms <= 4 ? arms : 4
columns_ = columns_ <= 5 ? columns_ : 4
rows_ = (n_panels + columns_ - 1) / columns_
W = 700; H = 130 + rows_ * (rows_ == 1 ? 260 : 160)
log_y = 0
key_rows = 1
is(i, p, m, v) = strcol("panel") eq PANEL[p] && strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[m] ? v : NaN
of(i, p, m, v) = is(i, p, m, drawn(v))
eval find_spans
# How many failed stands below the arm's name. Before any range is set, because `stats` keeps to it.
array FAILS[4096]
any_failed = 0
longest_heading = ""
name_of(i, p) = NAME[i].(strlen(PANEL[p]) ? ", ".short(PANEL[p]) : "")
do for [p = 1:panels] {
    do for [i = 1:arms] {
        worst = 0; of_runs = 0
        note_failed(f, n) = f == f && f > worst ? (worst = f, of_runs = n, 0) : 0
        stats DATA every ::(first(p, i, 1))::(last(p, i, 1)) using (note_failed(is(i, p, 1, column("failed")), column("runs"))) nooutput
        FAILS[(i - 1) * panels + p] = worst > 0 && !text_mode ? sprintf("failures %d/%d", worst, of_runs) : ""
        if (worst > 0 && !text_mode) { any_failed = 1 }
        if (strlen(name_of(i, p)) > strlen(longest_heading)) { longest_heading = name_of(i, p) }
    }
}

eval count_heading
H = H + rows_ * 0.9 * any_failed * em
eval begin
GRID_TOP = TOP - (2.4 + 0.9 * any_failed) * em / H
GRID_BOTTOM = BOTTOM + 3.8 * em / H
GAP_Y = GAP_Y + 0.9 * any_failed * em
eval make_room
eval panel_width
y_tics = rows_ == 1 ? 8 : 5
set xrange [min_x : max_x > min_x ? max_x + 0.08 * (max_x - min_x) : min_x + 1]
set xtics x_step(longer(max_x - min_x, 1))

dash_of(m) = m == 2 ? 1 : m == 1 ? 2 : 4
percent(s) = strstrt(s, "percentile_") == 1 ? s[12:*]."th percentile" : s
unset key

set multiplot
# The key: what the dashes mean; in the terminal, the letters.
if (text_mode) {
    key_text = ""
    do for [m = 1:measures] { key_text = key_text.letter(m)." ".percent(MEASURE[m])."   " }
    set label key_text at screen 0.04, screen TOP left
} else {
    do for [m = 1:measures] {
        x_key = 0.54 + (m - 0.5 * (measures + 1)) * 0.22; y_key = TOP - 0.45 * em / H
        set arrow from screen x_key - 0.055, screen y_key to screen x_key - 0.01, screen y_key nohead lw (m == 2 ? 2 : 1.6) dt dash_of(m) lc rgb GREY
        set label percent(MEASURE[m]) at screen x_key, screen y_key left
    }
}
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen XLABEL_Y center
set label ylabel_text at screen 0.02, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90
do for [i = 1:arms] {
    do for [p = 1:panels] {
        k = (i - 1) * panels + p - 1
        c = k % columns_; r = k / columns_
        eval open_panel
        eval y_axis
        y1 = y1 + 0.9 * any_failed * em / H; heading_text = name_of(i, p); eval heading; y1 = y1 - 0.9 * any_failed * em / H
        set label FAILS[k + 1] at screen x0 + cell_w / 2, screen y1 + 0.55 * em / H center font SMALL textcolor rgb "#444444"
        curves = "plot "
        if (!text_mode) { curves = curves.'for [m = 1:measures] DATA every ::(first(p, i, m))::(last(p, i, m)) using (column("x")):(of(i, p, m, column("low"))):(of(i, p, m, column("high"))) with filledcurves fc rgb band(PAINT[i]) notitle, ' }
        if (cut) { do for [side in "above below"] { curves = curves.sprintf('for [m = 1:measures] DATA every ::(first(p, i, m))::(last(p, i, m)) using (column("x")):(%s(is(i, p, m, column("median")))) with points pt %s ps 1 lc rgb PAINT[i] notitle, ', side, text_mode ? "m" : side eq "above" ? "9" : "11") } }
        if (text_mode) { curves = curves.'for [m = 1:measures] DATA every ::(first(p, i, m))::(last(p, i, m)) using (column("x")):(of(i, p, m, column("median"))) with points pt m lc rgb PAINT[i] notitle' }
        else { curves = curves.'for [m = 1:measures] DATA every ::(first(p, i, m))::(last(p, i, m)) using (column("x")):(of(i, p, m, column("median"))) with lines lw (m == 2 ? 2 : 1.6) dt dash_of(m) lc rgb PAINT[i] notitle' }
        eval curves
        unset label; unset arrow
    }
}
unset multiplot
