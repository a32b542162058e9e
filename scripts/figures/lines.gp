# Lines over a numeric x, one an arm: the common part of error_vs_batch.gp and error_vs_key.gp. log_x: base, or 0.
W = 700; H = 460

# What failed, an arm: words "x:failed/n".
failures = 0
array FAILED[64]
do for [i = 1:arms] {
    list = ""
    note_failed(arm, measure, x, f, n) = arm eq ARM[i] && measure eq MEASURE[1] && f > 0 \
        ? (list = sprintf("%s %s:%d/%d", list, x, f, n), 0) : 0
    stats DATA using (note_failed(strcol("arm"), strcol("measure"), strcol("x"), column("failed"), column("runs"))) nooutput
    FAILED[i] = list
    if (words(list) > 0 && !text_mode) { failures = failures + 1 }
}

# A second measure (say, statistics of the population instead of running ones) is dashed, without bars.
second = measures > 1
second_title = second ? option("second", MEASURE[2]) : ""
eval key_entries
H = H + (1.15 * longer(0, key_rows - 1) + 1.2 * failures) * em

eval begin
plot_top = TOP - (0.6 + 1.15 * key_rows + 1.2 * failures) * em / H
set lmargin at screen text_mode ? 0.12 : LEFT
set rmargin at screen 0.97
set tmargin at screen plot_top
set bmargin at screen BOTTOM + 3.4 * em / H
eval draw_key
set xlabel xlabel_text noenhanced offset 0, 0.3
set ylabel ylabel_text noenhanced offset 0.5, 0

# Arms stand side by side, so that bars at the same x do not cover each other.
if (log_x) { set logscale x log_x }
width = log_x ? (max_x / min_x) ** (1 / 14.0) : (max_x - min_x) / 14.0
if (width == 0) { width = 1 }
at(x, shift) = log_x ? x * width ** shift : x + width * shift
set xrange [at(min_x, -0.6) : at(max_x, 0.6)]
if (log_x == 2 || xs <= 10) {
    set xtics ()
    do for [i = 1:xs] { set xtics add (X[i] number(X[i])) }
}
eval y_axis
slot = arms > 1 ? 0.5 / arms : 0
dodge(x, i) = at(x, slot * (i - (arms + 1) / 2.0))

line = 0
do for [i = 1:arms] {
    if (words(FAILED[i]) > 0 && !text_mode) {
        height = plot_top + (0.9 + 1.2 * line) * em / H; line = line + 1
        set label "failed" at screen 0.065, screen height right textcolor rgb PAINT[i] font SMALL
        set label "" at screen 0.08, screen height point pt POINT[i] ps 0.9 lc rgb PAINT[i]
        do for [w in FAILED[i]] {
            set label w[strstrt(w, ":")+1:*] at first number(w[1:strstrt(w, ":")-1]), screen height center textcolor rgb PAINT[i] font SMALL
        }
    }
}

of(i, m, v) = strcol("arm") eq ARM[i] && strcol("measure") eq MEASURE[m] ? v : NaN
# The plot command in parts, because gnuplot 5.4 reads a file even for a loop of no turns.
curves = "plot "
if (raw_points) { curves = curves.'for [i = 1:arms] RAW using (dodge(column("x"), i + 0.3)):(of(i, 1, column("value"))) with points pt 7 ps 0.4 lc rgb faint(PAINT[i]) notitle, ' }
if (second && text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, 2, column("median"))) with points pt (arms + i) lc rgb PAINT[i] notitle, ' }
if (second && !text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, 2, column("median"))) with lines dt 2 lw 1.5 lc rgb PAINT[i] notitle, ' }
if (!text_mode) { curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, 1, column("median"))):(column("low")):(column("high")) with yerrorbars pt 0 lw 1.2 lc rgb PAINT[i] notitle, ' }
curves = curves.'for [i = 1:arms] DATA using (dodge(column("x"), i)):(of(i, 1, column("median"))) with linespoints pt POINT[i] ps 0.8 lw 1.6 dt DASH[i] lc rgb PAINT[i] notitle'
set multiplot
eval curves

# Where one arm leaves the others a narrow strip, the strip is drawn once more, enlarged, in the room that is free
# above it: from the x on after which all lies in the lowest fifth of the axis.
height_of(v) = log_y ? log(v / low_y) / log(high_y / low_y) : (v - low_y) / (high_y - low_y)
place_of(v) = log_x ? log(at(v, 0) / at(min_x, -0.6)) / log(at(max_x, 0.6) / at(min_x, -0.6)) : (v - at(min_x, -0.6)) / (at(max_x, 0.6) - at(min_x, -0.6))
last_high = -1e300
note_high(x, v) = v == v && height_of(v) > 0.2 && x > last_high ? (last_high = x, 0) : 0
set xrange [*:*]; set yrange [*:*]; unset logscale   # `stats` keeps to them
stats DATA using (note_high(column("x"), column("high"))) nooutput
if (raw_points) { stats RAW using (note_high(column("x"), column("value"))) nooutput }
from_x = 1e300; n_inside = 0
do for [i = 1:xs] { if (number(X[i]) > last_high) { n_inside = n_inside + 1; from_x = number(X[i]) < from_x ? number(X[i]) : from_x } }
if (!text_mode && n_inside >= 3 && n_inside < xs && place_of(from_x) < 0.6) {
    low_y = 1e300; high_y = -1e300
    stats DATA using (column("x") >= from_x ? note_y(column("low")) + note_y(column("high")) : 0) nooutput
    if (raw_points) { stats RAW using (column("x") >= from_x ? note_y(column("value")) : 0) nooutput }
    left = LEFT + (0.97 - LEFT) * place_of(from_x) + 0.02
    set lmargin at screen left; set rmargin at screen 0.96
    floor_ = BOTTOM + 3.4 * em / H
    set tmargin at screen plot_top - 1.3 * em / H
    set bmargin at screen floor_ + 0.42 * (plot_top - floor_)
    unset label; unset arrow; unset xlabel; unset ylabel
    set object 1 rectangle from screen left - 5.5 * em / W, screen floor_ + 0.42 * (plot_top - floor_) - 2.2 * em / H to screen 0.97, screen plot_top \
        fillcolor rgb "white" fillstyle solid noborder behind   # covers the grid
    set label "enlarged" at graph 0.5, graph 1.06 center font SMALL
    if (log_x) { set logscale x log_x }
    set xrange [at(from_x, -0.6) : at(max_x, 0.6)]
    set xtics font SMALL; set ytics font SMALL
    y_tics = 5
    set yrange [low_y - 0.04 * (high_y - low_y) : high_y + 0.04 * (high_y - low_y)]; set ytics step_of(high_y - low_y) format "%g"
    eval curves
}
unset multiplot
