# Momentum x mini-batch size: the median in each cell, and failed/n where runs failed; a panel an arm.
#
#   gnuplot -c momentum_heatmap.gp OUT svg|png|pdf|dumb DATA.tsv RAW.tsv [key=value ...]
#
# Keys: title, caption, xlabel, ylabel (the row key's name), zlabel (what the numbers are). DATA.tsv: panel row arm
# measure x n runs failed median low high coverage; x is a number, row reads norm.momentum=0.9.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ""
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
here = ARG0; while (strlen(here) && here[strlen(here):*] ne "/") { here = here[1:strlen(here)-1] }
load here."style.gp"

zlabel_text = option("zlabel", MEASURE[1])
columns_ = arms <= 3 ? arms : 3
rows_ = (arms + columns_ - 1) / columns_
n_panels = arms
W = 700; H = 130 + rows_ * (90 + 30 * rows)
# Wide enough for the numbers? Smaller print where not, and no 0 before the point.
narrow = !text_mode && (W * 0.75 / columns_) / xs < 62
three_digits(v) = narrow && v >= 0 && v < 0.9995 ? sprintf("%.3f", v)[2:*] : sprintf("%.3f", v)
cell_text(median, failed, n) = sprintf("%s%s", median == median ? three_digits(median) : "-", failed > 0 ? sprintf(" (%d/%d)", failed, n) : "")
bare(s) = s[strstrt(s, "=")+1:*]   # norm.momentum=0.9 -> 0.9
place_x(v) = sum [i_ = 1:xs] (X[i_] eq v ? i_ : 0)
place_row(v) = sum [i_ = 1:rows] (ROW[i_] eq v ? i_ : 0)

RIGHT = 0.87; LEFT = 0.12; GAP_X = 20.0; GAP_Y = 50.0; key_rows = 0
longest_heading = ""
do for [i = 1:arms] { if (strlen(ARM[i]) > strlen(longest_heading)) { longest_heading = ARM[i] } }
eval count_heading
eval begin
GRID_TOP = TOP - (arms > 1 ? 1.4 : 0.4) * em / H
GRID_BOTTOM = BOTTOM + 3.8 * em / H
eval make_room
eval panel_width
# viridis by hand: gnuplot 5.4 has no such name. Dark is low error.
set palette defined (0 "#440154", 0.25 "#3b528b", 0.5 "#21918c", 0.75 "#5ec962", 1 "#fde725")
logged = low_median > 0 && high_median > 5 * low_median
if (low_median > high_median) { low_median = 0; high_median = 1 }
if (low_median == high_median) { high_median = low_median + 1e-3 }
if (logged) { set logscale cb }
set cbrange [low_median : high_median]
shade(v) = logged ? log(v / low_median) / log(high_median / low_median) : (v - low_median) / (high_median - low_median)
set cblabel zlabel_text offset 0.5, 0
set colorbox user origin screen RIGHT + 0.015, screen GRID_BOTTOM size screen 0.02, screen GRID_TOP - GRID_BOTTOM
if (logged) {
    set cbtics ()
    do for [d = floor(log10(low_median)):floor(log10(high_median))] { do for [t in "1 1.5 2 3 5 7"] { set cbtics add (sprintf("%g", t * 10.0**d) t * 10.0**d) } }
}
unset grid
unset key
set border 0
set tics scale 0
set xrange [0.5 : xs + 0.5]
set yrange [0.5 : rows + 0.5]
in(i, v) = strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[1] ? v : NaN
PRINT = narrow ? SMALL : FONT
# Dark cells get light numbers.
ink(v) = v == v && shade(v) < 0.55 ? 0xffffff : 0x000000

set multiplot
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen XLABEL_Y center
set label ylabel_text at screen 0.02, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90
do for [i = 1:arms] {
    c = (i - 1) % columns_; r = (i - 1) / columns_
    eval open_panel
    set xtics ()
    do for [k = 1:xs] { set xtics add (tic(X[k]) k) }
    set ytics ()
    do for [k = 1:rows] { set ytics add (c == 0 ? tic(bare(ROW[k])) : "" k) }
    if (arms > 1) { heading_text = ARM[i]; eval heading }
    if (text_mode) {
        plot DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row"))):(cell_text(column("median"), column("failed"), column("runs"))) with labels
    } else {
        plot DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row"))):(0.48):(0.47):(column("median")) with boxxyerror fs solid noborder lc palette z, \
            DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row"))):(cell_text(column("median"), column("failed"), column("runs"))):(ink(column("median"))) with labels font PRINT textcolor rgb variable
    }
    unset label
    unset colorbox
}
unset multiplot
