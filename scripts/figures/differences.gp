# Paired differences of a question, a line a stratum: seeds as faint points, interquartile mean with its interval, the
# zone of differences that do not matter in grey.
#
#   gnuplot -c differences.gp OUT svg|png|pdf DATA.tsv RAW.tsv delta=0.005 [xlabel=...] [width=760] [left=...] [right=...]
#
# left, right: what it means to lie on that side. In a narrow figure long names stand above their lines.
# DATA.tsv: place name estimate low high effect (above, below, within; others are grey); RAW.tsv: place value. Places count from 1,
# from the top.
OUT = ARG1; TERMINAL = ARG2; DATA = ARG3; RAW = ARG4
OPTIONS = "\n".ARG5."\n".ARG6."\n".ARG7."\n".ARG8."\n".ARG9."\n"
upto(rest) = rest[1:strstrt(rest, "\n")-1]
option(key, otherwise) = (o_ = strstrt(OPTIONS, "\n".key."="), o_ == 0 ? otherwise : upto(OPTIONS[o_+strlen(key)+2:*]))
set encoding utf8
set datafile separator tab
set datafile columnheaders
delta = real(option("delta", "0"))

longest = 0; n = 0
note_name(s) = (longest = strlen(s) > longest ? strlen(s) : longest, 0)
note_place(v) = v > n ? (n = int(v), 0) : 0
stats DATA using (note_name(strcol("name")) + note_place(column("place"))) nooutput

# One stratum far from the others must not flatten them: a triangle stands where an estimate lies beyond the axis.
finite(v) = v == v && abs(v) < 1e300
array SIZE[4096]; sizes = 0
note_size(v) = finite(v) && sizes < 4096 ? (sizes = sizes + 1, SIZE[sizes] = abs(v), 0) : 0
stats DATA using (note_size(column("estimate"))) nooutput
smaller(v) = sum [i_ = 1:sizes] (SIZE[i_] < v)
usual = delta   # or the upper median of the estimates, where they are larger
do for [i = 1:sizes] { if (smaller(SIZE[i]) <= sizes / 2 && SIZE[i] > usual) { usual = SIZE[i] } }
bound = usual > 0 ? 20 * usual : 1e300
within(v) = v > bound ? bound : v < -bound ? -bound : v
low = -1.3 * delta; high = 1.3 * delta
note_x(v) = finite(v) ? (low = within(v) < low ? within(v) : low, high = within(v) > high ? within(v) : high, 0) : 0
stats DATA using (note_x(column("low")) + note_x(column("high")) + note_x(column("estimate"))) nooutput
stats RAW using (note_x(column("value"))) nooutput
if (low >= high) { low = low - 1.0; high = high + 1.0 }
from_x = low - 0.04 * (high - low); to_x = high + 0.04 * (high - low)
# What is infinite or beyond leaves the axis.
drawn(v) = v != v ? NaN : v > to_x ? to_x + (to_x - from_x) : v < from_x ? from_x - (to_x - from_x) : v
at_edge(v) = v == v && v > to_x ? to_x : v == v && v < from_x ? from_x : NaN

wrapped(text, n) = (line_ = "", out_ = "", sum [i_ = 1:words(text)] (w_ = word(text, i_), \
    strlen(line_) == 0 ? (line_ = w_, 0) : strlen(line_) + 1 + strlen(w_) <= n ? (line_ = line_." ".w_, 0) \
    : (out_ = out_.line_."\n", line_ = w_, 0)), out_.line_)
n_lines(text) = 1 + sum [i_ = 1:strlen(text)] (text[i_:i_] eq "\n" ? 1 : 0)
W = int(option("width", "760"))
narrow = W < 600
names_(n) = (narrow ? 8.0 : 14.0) + 7.0 * n
under = narrow && names_(longest) > 0.4 * W   # names stand above their lines
xlabel_ = wrapped(option("xlabel", "difference"), W / 6.6)
sides = strlen(option("left", "")) + strlen(option("right", "")) > 0
foot = 34 + 18 * (n_lines(xlabel_) + sides)
# Names in two lines where they are long, and cut where that is not enough.
MOST = under ? int(W / 7.5) : 44
cut_at(s) = (at_ = 0, sum [i_ = 1:MOST] (s[i_:i_] eq " " ? (at_ = i_, 0) : 0), at_ > 0 ? at_ : MOST)
cut(s) = strlen(s) <= MOST ? s : s[1:MOST - 1]."…"
lines(s) = under || strlen(s) <= MOST ? cut(s) : s[1:cut_at(s)]."\n".cut(s[cut_at(s) + 1:*])
H = foot + 18 + (under ? 44 : longest > MOST ? 38 : narrow ? 26 : 30) * n
FONT = "sans-serif"
if (TERMINAL eq "svg") { set terminal svg noenhanced size W,H font FONT.',12' background rgb 'white' }
if (TERMINAL eq "png") { set terminal pngcairo noenhanced size 2*W,2*H font FONT.',9' fontscale 2 linewidth 2 pointscale 2 }
if (TERMINAL eq "pdf") { set terminal pdfcairo noenhanced size W/100.0,H/100.0 font FONT.',8.6' }
set output OUT
set lmargin at screen (under || longest == 0 ? 0.035 : names_(longest > MOST ? MOST : longest) / W)
set rmargin at screen 0.975
set tmargin at screen 1 - 12.0 / H
set bmargin at screen real(foot) / H
set border 1 linecolor rgb "#666666"
set tics nomirror out textcolor rgb "#222222"
set xrange [from_x : to_x]
bottom_ = n + (under ? 0.42 : 0.6); top_ = under ? 0.2 : 0.4
set yrange [bottom_ : top_]
if (narrow) {
    step_ = (high - low) / 4; decade_ = 10 ** floor(log10(step_))
    step_ = decade_ * (step_ > 5 * decade_ ? 10 : step_ > 2 * decade_ ? 5 : step_ > decade_ ? 2 : 1)
    set xtics step_
}
if (sides) {
    set label "← ".option("left", "") at screen 8.0 / W, graph 0 offset 0, screen -42.0 / H left
    set label option("right", "")." →" at graph 1, graph 0 offset 0, screen -42.0 / H right
}
set label xlabel_ at screen 0.5, graph 0 offset 0, screen -(42.0 + 18 * sides) / H center
unset key
if (under) { unset ytics } else { set ytics () scale 0 }
# Grid, grey zone and the line at 0 in one piece; or a piece a line, where names stand between the lines.
piece_top(i) = under ? i - 0.25 : top_
piece_end(i) = under ? i + 0.42 : bottom_
if (!under) { set grid x linewidth 0.6 linecolor rgb "#d4d4d4" }
do for [i = 1:under ? n : 1] {
    if (under) { do for [k = int(ceil(from_x / step_)):int(floor(to_x / step_))] {
        set arrow from first k * step_, first piece_top(i) to first k * step_, first piece_end(i) \
            nohead linewidth 0.6 linecolor rgb "#d4d4d4" back
    } }
    set object rectangle from first -delta, first piece_top(i) to first delta, first piece_end(i) \
        fillcolor rgb "#e4e4e4" fillstyle solid noborder behind
    set arrow from first 0, first piece_top(i) to first 0, first piece_end(i) nohead linecolor rgb "#555555" linewidth 1 back
}
paint(s) = s eq "above" ? 0xB34700 : s eq "below" ? 0x0072B2 : s eq "within" ? 0x00704F : 0x555555
jitter(i) = 0.22 * (int(i * 7) % 11 - 5) / 5.0
seeds_ = "RAW using (drawn(column('value'))):(column('place') + jitter($0)) with points pt 7 ps 0.35 lc rgb 0xA0666666"
far_ = "DATA using (at_edge(column('estimate'))):(column('place')):(paint(strcol('effect'))) with points pt 9 ps 1.2 lc rgb variable"
bars_ = "DATA using (drawn(column('estimate'))):(column('place')):(drawn(column('low'))):(drawn(column('high'))):(paint(strcol('effect')))"
style_ = "with xerrorbars pt 7 ps 0.9 lw 2 lc rgb variable"
if (under) {
    plot @seeds_, @far_, @bars_ @style_, \
         DATA using (low):(column("place") - 0.42):(lines(strcol("name"))) with labels left noenhanced
} else {
    plot @seeds_, @far_, @bars_:ytic(lines(strcol("name"))) @style_
}
