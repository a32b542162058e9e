# Lines over a numeric x, one an arm, a panel for each value of the key `panel`: the common part of error_vs_batch.gp and
# error_vs_key.gp. log_x: base, or 0.
n_panels = panels
columns_ = panels <= 2 ? panels : panels == 4 ? 2 : 3
rows_ = (panels + columns_ - 1) / columns_
W = 700; H = 110 + rows_ * (rows_ == 1 ? 350 : 230)

# What failed, a panel and arm.
do for [i = 1:arms] {
    do for [p = 1:panels] {
        list = ""
        note_failed(arm, panel, measure, x, f, n) = arm eq ARM[i] && panel eq PANEL[p] && measure eq MEASURE[1] && f > 0 \
            ? (list = sprintf("%s %s:%d/%d", list, x, f, n), 0) : 0
        stats DATA using (note_failed(strcol("arm"), strcol("panel"), strcol("measure"), strcol("x"), column("failed"), column("runs"))) nooutput
        FAILED[(p - 1) * arms + i] = list
    }
}
eval count_failed

# A second measure (say, statistics of the population instead of running ones) is dashed, without bars.
second = measures > 1
second_title = second ? option("second", MEASURE[2]) : ""
headed = strlen(PANEL[1]) || panels > 1
longest_heading = ""
do for [p = 1:panels] { if (strlen(short(PANEL[p])) > strlen(longest_heading)) { longest_heading = short(PANEL[p]) } }
RIGHT = 0.97
eval key_entries
eval count_heading
above = 1.2 * failures + 1.1 * headed   # lines above each panel
H = H + rows_ * 1.2 * failures * em
eval begin
GRID_TOP = TOP - (0.6 + 1.15 * key_rows + above) * em / H
GRID_BOTTOM = BOTTOM + 3.8 * em / H
GAP_Y = (1.0 + above) * em; GAP_X = columns_ > 1 ? 18.0 : 0
eval make_room
eval panel_width

# Arms stand side by side, so that bars at the same x do not cover each other.
width = log_x ? (max_x / min_x) ** (1 / 14.0) : (max_x - min_x) / 14.0
if (max_x == min_x) { width = log_x ? 2 : 1 }
pad_x = columns_ > 1 ? 1.2 : 0.6   # room for the numbers at the ends
at(x, shift) = log_x ? x * width ** shift : x + width * shift
place_of(v) = log_x ? log(at(v, 0) / at(min_x, -pad_x)) / log(at(max_x, pad_x) / at(min_x, -pad_x)) : (v - at(min_x, -pad_x)) / (at(max_x, pad_x) - at(min_x, -pad_x))
slot = arms > 1 ? 0.5 / arms : 0
dodge(x, i) = at(x, slot * (i - (arms + 1) / 2.0))

do for [i = 2:xs] { do for [k = xs:i:-1] { if (number(X[k]) < number(X[k - 1])) { x_ = X[k]; X[k] = X[k - 1]; X[k - 1] = x_ } } }   # ascending
# Each x has a tic, and a number where it does not touch the last one, of three digits where it is long.
named_x = log_x == 2 || xs <= 10
closest = 1e300
do for [i = 2:xs] { gap_ = abs(place_of(number(X[i])) - place_of(number(X[i - 1]))) * cell_w * W; closest = gap_ < closest ? gap_ : closest }
narrow = closest < 36
three_digits(s) = sprintf("%.3g", number(s))
tic_text(s) = strlen(s) > 6 && abs(number(three_digits(s)) - number(s)) < 0.005 * abs(1 - abs(number(s))) ? three_digits(s) : s   # no 1 for .9999
of_place(w) = number(w[1:strstrt(w, ":") - 1])

is(i, p, m, v) = strcol("panel") eq PANEL[p] && strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[m] ? v : NaN
of(i, p, m, v) = is(i, p, m, drawn(v))
# The plot command in parts, because gnuplot 5.4 reads a file even for a loop of no turns.
curves = "plot "
if (raw_points) { curves = curves.'for [i = 1:arms] RAW using (dodge(column("x"), i + 0.3)):(of(i, p, 1, column("value"))) with points pt 7 ps 0.4 lc rgb faint(PAINT[i]) notitle, ' }
if (second && text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, p, 2, column("median"))) with points pt (arms + i) lc rgb PAINT[i] notitle, ' }
if (second && !text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, p, 2, column("median"))) with '.(xs > 1 ? "lines dt 2 lw 1.5" : "points pt 1 lw 1.5").' lc rgb PAINT[i] notitle, ' }
if (!text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, p, 1, column("median"))):(drawn(column("low"))):(drawn(column("high"))) with yerrorbars pt 0 lw 1.2 lc rgb PAINT[i] notitle, ' }
if (cut) { do for [side in "above below"] { curves = curves.sprintf('for [i = 1:arms] DATA using (dodge(column("x"), i)):(%s(is(i, p, 1, column("median")))) with points pt %s ps 1 lc rgb PAINT[i] notitle, ', side, text_mode ? "POINT[i]" : side eq "above" ? "9" : "11") } }
curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, p, 1, column("median"))) with linespoints pt POINT[i] ps 0.8 lw 1.6 dt DASH[i] lc rgb PAINT[i] notitle'

y_tics = rows_ == 1 ? 9 : 5
set multiplot
set label xlabel_text at screen 0.5 * (LEFT + RIGHT), screen XLABEL_Y center noenhanced
set label ylabel_text at screen 0.02, screen (rows_ > 1 && failures > 0 ? GRID_TOP - 0.5 * cell_h : 0.5 * (GRID_TOP + GRID_BOTTOM)) center rotate by 90 noenhanced
do for [p = 1:panels] {
    c = (p - 1) % columns_; r = (p - 1) / columns_
    eval open_panel
    if (log_x) { set logscale x log_x }
    set xrange [at(min_x, -pad_x) : at(max_x, pad_x)]
    if (named_x) {
        set xtics ()
        free_from = columns_ == 1 ? -1e300 : -0.7 * GAP_X
        do for [i = 1:xs] {
            half_ = 0.6 * (strlen(tic_text(X[i])) + 1) * letter_width; middle_ = place_of(number(X[i])) * cell_w * W
            fits_ = middle_ - half_ >= free_from && (columns_ == 1 || middle_ + half_ <= cell_w * W + GAP_X - 4) && (r == rows_ - 1 || p + columns_ > panels)
            set xtics add (fits_ ? tic_text(X[i]) : "" number(X[i]))
            free_from = fits_ ? middle_ + half_ : free_from
        }
    }
    eval y_axis
    if (headed) { y1 = y1 + 1.2 * failures * em / H; heading_text = short(PANEL[p]); eval heading; y1 = y1 - 1.2 * failures * em / H }
    if (p == 1) { eval draw_key }
    p_ = p; eval draw_failed
    eval curves
    unset label; unset arrow   # what stands on the page is drawn once, with the first panel
}

# Where one arm leaves the others a narrow strip, the strip is drawn once more, enlarged, in the room that is free
# above it: from the x on after which all lies in the lowest fifth of the axis.
height_of(v) = log_y ? log(v / low_y) / log(high_y / low_y) : (v - low_y) / (high_y - low_y)
last_high = -1e300
note_high(x, v) = v == v && height_of(v) > 0.2 && x > last_high ? (last_high = x, 0) : 0
set xrange [*:*]; set yrange [*:*]; unset logscale   # `stats` keeps to them
stats DATA using (note_high(column("x"), column("high"))) nooutput
if (raw_points) { stats RAW using (note_high(column("x"), column("value"))) nooutput }
from_x = 1e300; n_inside = 0
do for [i = 1:xs] { if (number(X[i]) > last_high) { n_inside = n_inside + 1; from_x = number(X[i]) < from_x ? number(X[i]) : from_x } }
if (!text_mode && panels == 1 && n_inside >= 3 && n_inside < xs && place_of(from_x) < 0.6) {
    low_y = 1e300; high_y = -1e300
    stats DATA using (column("x") >= from_x ? note_y(column("low")) + note_y(column("high")) : 0) nooutput
    if (raw_points) { stats RAW using (column("x") >= from_x ? note_y(column("value")) : 0) nooutput }
    left = LEFT + (0.97 - LEFT) * place_of(from_x) + 0.02
    set lmargin at screen left; set rmargin at screen 0.96
    floor_ = GRID_BOTTOM
    set tmargin at screen GRID_TOP - 1.3 * em / H
    set bmargin at screen floor_ + 0.42 * (GRID_TOP - floor_)
    unset label; unset arrow; unset xlabel; unset ylabel
    set object 1 rectangle from screen left - 5.5 * em / W, screen floor_ + 0.42 * (GRID_TOP - floor_) - 2.2 * em / H to screen 0.97, screen GRID_TOP \
        fillcolor rgb "white" fillstyle solid noborder behind   # covers the grid
    set label "enlarged" at graph 0.5, graph 1.06 center font SMALL
    if (log_x) { set logscale x log_x }
    set xrange [at(from_x, -pad_x) : at(max_x, pad_x)]
    set xtics font SMALL; set ytics font SMALL
    y_tics = 5; log_y = 0; far_low = low_y - (high_y - low_y); far_high = high_y + (high_y - low_y); axis_low = low_y; axis_high = high_y
    set yrange [low_y - 0.04 * (high_y - low_y) : high_y + 0.04 * (high_y - low_y)]; set ytics step_of(high_y - low_y) format "%g"
    p = 1
    eval curves
}
unset multiplot
