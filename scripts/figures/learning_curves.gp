# Learning curves: error against epoch, one panel a mini-batch size (or another key), one y range.
#
#   gnuplot -c learning_curves.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel, second (what the dashed lines are), log=y|n. DATA.tsv: panel row arm measure x n
# runs failed median low high coverage, one row a panel, arm and epoch. Lines are medians, bands their intervals.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ""
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
series = 1
load here."style.gp"

n_panels = panels
columns_ = panels <= 3 ? panels : panels <= 4 ? 2 : panels <= 9 ? 3 : 4
rows_ = (panels + columns_ - 1) / columns_
W = 700; H = 130 + rows_ * (rows_ == 1 ? 260 : 150)
second = measures > 1
second_title = second ? option("second", MEASURE[2]) : ""
eval find_spans
# How many have failed, at the epochs where they become more, the last first. Before any range is set, because `stats`
# keeps to it.
longest_heading = ""
is(i, p, m, v) = strcol("panel") eq PANEL[p] && strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[m] ? v : NaN
of(i, p, m, v) = is(i, p, m, drawn(v))
do for [p = 1:panels] {
    do for [i = 1:arms] {
        list = ""; worst = 0
        note_failed(x, f, n) = f == f && f > worst ? (worst = f, list = sprintf("%s:%d/%d %s", x, f, n, list), 0) : 0
        stats DATA every ::(first(p, i, 1))::(last(p, i, 1)) using (note_failed(strcol("x"), is(i, p, 1, column("failed")), column("runs"))) nooutput
        FAILED[(p - 1) * arms + i] = list
    }
    if (strlen(short(PANEL[p])) > strlen(longest_heading)) { longest_heading = short(PANEL[p]) }
}
eval count_failed

eval key_entries
eval count_heading
H = H + rows_ * 1.2 * failures * em
eval begin
GRID_TOP = TOP - (0.9 + 1.15 * key_rows + 1.2 * failures + (strlen(longest_heading) ? 0.9 : 0)) * em / H
GAP_Y = GAP_Y + 1.2 * failures * em
GRID_BOTTOM = BOTTOM + 3.8 * em / H
eval make_room
eval panel_width
y_tics = rows_ == 1 ? 8 : 5
left_x = min_x - (max_x > min_x ? 0.04 * (max_x - min_x) : 0.5); right_x = max_x + (max_x > min_x ? 0.04 * (max_x - min_x) : 0.5)
place_of(v) = (v - left_x) / (right_x - left_x)
set xrange [left_x : right_x]
set xtics x_step(longer(max_x - min_x, 1))

# About eight symbols a line.
most_xs = 1
do for [k = 1:panels * arms * measures] { most_xs = longer(most_xs, FIRST[k] < 0 ? 1 : LAST[k] - FIRST[k] + 1) }
every_ = most_xs <= 12 ? 1 : int(most_xs / 8)
# The plot command in parts, because gnuplot 5.4 reads a file even for a loop of no turns.
curves = "plot "
if (!text_mode) { curves = curves.'for [i = 1:arms] DATA every ::(first(p, i, 1))::(last(p, i, 1)) using (column("x")):(of(i, p, 1, column("low"))):(of(i, p, 1, column("high"))) with filledcurves fc rgb band(PAINT[i]) notitle, ' }
if (second && text_mode) { curves = curves.'for [i = 1:arms] DATA every ::(first(p, i, 2))::(last(p, i, 2)) using (column("x")):(of(i, p, 2, column("median"))) with points pt (arms + i) lc rgb PAINT[i] notitle, ' }
if (second && !text_mode) { curves = curves.'for [i = 1:arms] DATA every ::(first(p, i, 2))::(last(p, i, 2)) using (column("x")):(of(i, p, 2, column("median"))) with lines dt 2 lw 1.3 lc rgb PAINT[i] notitle, ' }
if (cut) { do for [side in "above below"] { curves = curves.sprintf('for [i = 1:arms] DATA every ::(first(p, i, 1))::(last(p, i, 1)) using (column("x")):(%s(is(i, p, 1, column("median")))) with points pt %s ps 1 lc rgb PAINT[i] notitle, ', side, text_mode ? "POINT[i]" : side eq "above" ? "9" : "11") } }
curves = curves.'for [i = 1:arms] DATA every ::(first(p, i, 1))::(last(p, i, 1)) using (column("x")):(of(i, p, 1, column("median"))) with linespoints pt POINT[i] ps 0.6 pointinterval every_ lw 1.5 dt DASH[i] lc rgb PAINT[i] notitle'

set multiplot
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen XLABEL_Y center
set label ylabel_text at screen 0.02, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90
do for [p = 1:panels] {
    c = (p - 1) % columns_; r = (p - 1) / columns_
    eval open_panel
    eval y_axis
    y1 = y1 + 1.2 * failures * em / H; heading_text = short(PANEL[p]); eval heading; y1 = y1 - 1.2 * failures * em / H
    p_ = p; eval draw_failed
    if (p == 1) { eval draw_key }
    eval curves
    unset label; unset arrow; unset key   # what stands on the page is drawn once, with the first panel
}
unset multiplot
