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
ylabel_lines = n_lines(wrapped(ylabel_text, (70 + 30 * rows) / 6.8))
RIGHT = 0.87; longest_row = 0
bare(s) = rounded(s[strstrt(s, "=") + 1:*])   # norm.momentum=0.9 -> 0.9
do for [k = 1:rows] { longest_row = longer(longest_row, strlen(bare(ROW[k]))) }
LEFT = text_mode ? (longest_row + 5) / real(text_columns) : 0.06 + 0.022 * ylabel_lines + 0.0105 * longest_row; GAP_X = 20.0; GAP_Y = 50.0; key_rows = 1
# Only as many panels side by side as leave a number its room.
cell_letters(c) = ((RIGHT - LEFT) * W - (c - 1) * GAP_X) / (c * xs) / letter_width
W = 700
if (text_mode) { RIGHT = 0.98 }
while (columns_ > 1 && cell_letters(columns_) < (text_mode ? 7 : 5.5)) { columns_ = columns_ - 1 }
rows_ = (arms + columns_ - 1) / columns_
n_panels = arms
any_failed = 0; longest = 5
note_failed(f) = f > 0 ? (any_failed = 1, 0) : 0
# Wide enough for the numbers? No 0 before the point where not. What failed stands behind them, or below.
number_text(v) = v != v ? "-" : v != 0 && (abs(v) >= 1000 || abs(v) < 0.0005) ? sprintf("%.1e", v) : abs(v) >= 10 ? sprintf("%.1f", v) : sprintf("%.3f", v)
note_length(v) = strlen(number_text(v)) > longest ? (longest = strlen(number_text(v)), 0) : 0
stats DATA using (note_failed(column("failed")) + note_length(column("median"))) nooutput
narrow = cell_letters(columns_) < longest + 2
below_ = any_failed && cell_letters(columns_) < longest + 8
row_height = text_mode ? 17 * (below_ ? 3 : 2) : 30
H = 130 + rows_ * (90 + row_height * rows)
bare_point(s) = narrow && s[1:2] eq "0." ? s[2:*] : s
cell_text(median, failed, n) = bare_point(number_text(median)).(failed > 0 ? sprintf(below_ ? (narrow ? "\n%d/%d" : "\n(%d/%d)") : " (%d/%d)", failed, n) : "")
place_x(v) = sum [i_ = 1:xs] (X[i_] eq v ? i_ : 0)
place_row(v) = sum [i_ = 1:rows] (ROW[i_] eq v ? i_ : 0)

longest_heading = ""
do for [i = 1:arms] { if (strlen(NAME[i]) > strlen(longest_heading)) { longest_heading = NAME[i] } }
eval count_heading
eval begin
GRID_TOP = TOP - (arms > 1 ? 1.4 : 0.4) * em / H
GRID_BOTTOM = BOTTOM + 3.8 * em / H
eval make_room
eval panel_width
# viridis by hand: gnuplot 5.4 has no such name. Dark is low error.
set palette defined (0 "#440154", 0.25 "#3b528b", 0.5 "#21918c", 0.75 "#5ec962", 1 "#fde725")
# Colours share the range that an axis would have: one cell that diverged must not make all others alike.
low_z = longer(low_median, low_y); high_z = high_median < high_y ? high_median : high_y
logged = low_z > 0 && high_z > 5 * low_z
one_colour = low_z >= high_z   # of all cells, or there is no number at all
if (one_colour) { low_z = low_median <= high_median ? low_median : 0; high_z = low_z + (low_z == 0 ? 1 : 1e-3 * abs(low_z)) }
if (logged) { set logscale cb }
set cbrange [low_z : high_z]
shade(v) = one_colour ? 0 : logged ? log(v / low_z) / log(high_z / low_z) : (v - low_z) / (high_z - low_z)
inside(v) = !finite(v) ? NaN : v < low_z ? low_z : v > high_z ? high_z : v
# At most a tic a line of text.
bar_height = (GRID_TOP - GRID_BOTTOM) * H
set colorbox user origin screen RIGHT + 0.015, screen GRID_BOTTOM size screen 0.02, screen GRID_TOP - GRID_BOTTOM
y_tics = longer(2, bar_height / 22.0); if (y_tics > 9) { y_tics = 9 }
set cbtics step_of(high_z - low_z) format "%g"
if (logged) {
    set cbtics ()
    tics_ = log10(high_z / low_z) * 3 > y_tics ? "1" : log10(high_z / low_z) * 6 > y_tics ? "1 2 5" : "1 1.5 2 3 5 7"
    do for [d = floor(log10(low_z)):floor(log10(high_z))] { do for [t in tics_] { set cbtics add (sprintf("%g", t * 10.0**d) t * 10.0**d) } }
}
if (one_colour) { unset colorbox }
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
if (!text_mode && !one_colour) { set label zlabel_text at screen 0.985, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90 }
set label wrapped(ylabel_text, (70 + 30 * rows) / 6.8) at screen 0.004 + 0.012 * ylabel_lines, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90
do for [i = 1:arms] {
    c = (i - 1) % columns_; r = (i - 1) / columns_
    eval open_panel
    set xtics ()
    do for [k = 1:xs] { set xtics add (tic(rounded(X[k])) k) }
    set ytics ()
    do for [k = 1:rows] { set ytics add (c == 0 ? tic(bare(ROW[k])) : "" k) }
    if (arms > 1) { heading_text = NAME[i]; eval heading }
    if (text_mode) {
        plot DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row"))):(cell_text(column("median"), column("failed"), column("runs"))) with labels
    } else {
        plot DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row"))):(0.48):(0.47):(inside(column("median"))) with boxxyerror fs solid noborder lc palette z, \
            DATA using (in(i, place_x(strcol("x")))):(place_row(strcol("row")) + (below_ && column("failed") > 0 ? 0.2 : 0)):(cell_text(column("median"), column("failed"), column("runs"))):(ink(inside(column("median")))) with labels font PRINT textcolor rgb variable
    }
    unset label
    unset colorbox
}
unset multiplot
