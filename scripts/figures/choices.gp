# Points over the values of a choice, a panel for each row and panel: the common part of placement.gp and
# error_vs_choice.gp. DATA.tsv: panel row arm measure x n runs failed median low high coverage. An arm to
# which the choice does not apply (x empty: `none` has no placement) is a line across its panel.
columns_ = rows > 1 ? panels : panels <= 4 ? panels : 3
rows_ = rows > 1 ? rows : (panels + columns_ - 1) / columns_
n_panels = rows > 1 ? rows * panels : panels
W = 700; H = 130 + rows_ * (rows_ == 1 ? 260 : rows_ == 2 ? 190 : 150)

# The values of the choice, without the empty one.
array CHOICE[64]
choices = 0
do for [i = 1:xs] { if (strlen(X[i])) { choices = choices + 1; CHOICE[choices] = X[i] } }
if (choices == 0) { choices = 1; CHOICE[1] = "" }
position(x) = sum [i_ = 1:choices] (CHOICE[i_] eq x ? i_ : 0)

in(i, q, p) = strcol("row") eq ROW[q] && strcol("panel") eq PANEL[p] && strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[1]
middle = 0.5 * (choices + 1)
array HEADING[4096]
longest_heading = ""
do for [q = 1:rows] {
    do for [p = 1:panels] {
        k = (q - 1) * panels + p
        do for [i = 1:arms] {
            list = ""
            note_failed(here_, x, f, n) = here_ && f > 0 ? (list = sprintf("%s %g:%d/%d", list, strlen(x) ? position(x) : middle, f, n), 0) : 0
            stats DATA using (note_failed(in(i, q, p), strcol("x"), column("failed"), column("runs"))) nooutput
            FAILED[(k - 1) * arms + i] = list
        }
        HEADING[k] = short(ROW[q]).(strlen(ROW[q]) && strlen(PANEL[p]) ? ", " : "").short(PANEL[p])
        if (strlen(HEADING[k]) > strlen(longest_heading)) { longest_heading = HEADING[k] }
    }
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
set multiplot
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen XLABEL_Y center
set label ylabel_text at screen 0.02, screen 0.5 * (GRID_TOP + GRID_BOTTOM) center rotate by 90

slot = 0.7 / arms
seeds_at = 0.22 * slot < 0.06 ? 0.22 * slot : 0.06
# Where the choice is the normalizer itself, each has the colour that it has as an arm.
hue(i, x) = arms > 1 ? PAINT[i] : x eq "none" ? GREY : x eq "batch" ? COLOUR[1] : x eq "layer" ? COLOUR[2] : PAINT[i]
narrow = cell_w * W / choices < 40
place_of(v) = (v - 0.5) / choices
dodge(i) = slot * (i - (arms + 1) / 2.0)
inside(i, q, p, v) = in(i, q, p) && strlen(strcol("x")) ? drawn(v) : NaN
level(i, q, p, v) = in(i, q, p) && !strlen(strcol("x")) ? drawn(v) : NaN
curves = "plot "
if (strlen(xs_seen) && strstrt(xs_seen, "\t\t") && choices >= 1 && strlen(CHOICE[1])) {
    if (!text_mode) { curves = curves.'for [i = 1:arms] DATA using (middle):(level(i, q, p, column("median"))):(0.5):(choices + 0.5):(drawn(column("low"))):(drawn(column("high"))) with boxxyerror lc rgb band(PAINT[i]) fs solid noborder notitle, ' }
    if (text_mode) { curves = curves.'for [i = 1:arms] DATA using (0.6):(level(i, q, p, column("median"))) with points pt POINT[i] lc rgb PAINT[i] notitle, ' }
    curves = curves.'for [i = 1:arms] DATA using (0.5):(level(i, q, p, column("median"))):(choices):(0) with vectors nohead lw 1.4 lc rgb PAINT[i] notitle, '
}
if (raw_points) { curves = curves.'for [i = 1:arms] RAW using (position(strcol("x")) + dodge(i) + seeds_at):(inside(i, q, p, column("value"))):(faint(hue(i, strcol("x")))) with points pt 7 ps 0.4 lc rgb variable notitle, ' }
if (!text_mode) { curves = curves.'for [i = 1:arms] DATA using (position(strcol("x")) + dodge(i)):(inside(i, q, p, column("median"))):(drawn(column("low"))):(drawn(column("high"))):(hue(i, strcol("x"))) with yerrorbars pt 0 lw 1.2 lc rgb variable notitle, ' }
if (cut) { do for [side in "above below"] { curves = curves.sprintf('for [i = 1:arms] DATA using (position(strcol("x")) + dodge(i)):(%s(in(i, q, p) && strlen(strcol("x")) ? column("median") : NaN)) with points pt %s ps 1 lc rgb PAINT[i] notitle, ', side, text_mode ? "POINT[i]" : side eq "above" ? "9" : "11") } }
curves = curves.'for [i = 1:arms] DATA using (position(strcol("x")) + dodge(i)):(inside(i, q, p, column("median"))):(hue(i, strcol("x"))) with points pt POINT[i] ps 0.8 lc rgb variable notitle'

do for [q = 1:rows] {
    do for [p = 1:panels] {
        k = (q - 1) * panels + p - 1
        c = k % columns_; r = k / columns_
        eval open_panel
        eval y_axis
        set xrange [0.5 : choices + 0.5]
        bottom = r == rows_ - 1 || k + columns_ >= n_panels
        set xtics ()
        do for [i = 1:choices] { set xtics add (bottom ? tic(rounded(CHOICE[i])) : "" i) }
        y1 = y1 + 1.2 * failures * em / H; heading_text = HEADING[k + 1]; eval heading; y1 = y1 - 1.2 * failures * em / H
        p_ = k + 1; eval draw_failed
        if (k == 0) { eval draw_key }
        eval curves
        unset label; unset arrow; unset key
    }
}
unset multiplot
