# Paired differences of a question, a line a stratum: seeds as faint points, interquartile mean with its interval, the
# zone of differences that do not matter in grey.
#
#   gnuplot -c differences.gp OUT svg|png|pdf DATA.tsv RAW.tsv delta=0.005 [xlabel=...] [width=760] [left=...] [right=...]
#
# left, right: what it means to lie on that side. Below a width of 600 names stand above their lines.
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

longest = 0
note_name(s) = (longest = strlen(s) > longest ? strlen(s) : longest, 0)
stats DATA using (note_name(strcol("name"))) nooutput
stats DATA using "place" nooutput name "P"
n = int(P_max)
low = -1.3 * delta; high = 1.3 * delta
note_x(v) = v == v ? (low = v < low ? v : low, high = v > high ? v : high, 0) : 0
stats DATA using (note_x(column("low")) + note_x(column("high")) + note_x(column("estimate"))) nooutput
stats RAW using (note_x(column("value"))) nooutput

wrapped(text, n) = (line_ = "", out_ = "", sum [i_ = 1:words(text)] (w_ = word(text, i_), \
    strlen(line_) == 0 ? (line_ = w_, 0) : strlen(line_) + 1 + strlen(w_) <= n ? (line_ = line_." ".w_, 0) \
    : (out_ = out_.line_."\n", line_ = w_, 0)), out_.line_)
n_lines(text) = 1 + sum [i_ = 1:strlen(text)] (text[i_:i_] eq "\n" ? 1 : 0)
W = int(option("width", "760"))
narrow = W < 600
under = narrow && longest > 0   # names stand above their lines
xlabel_ = wrapped(option("xlabel", "difference"), W / 6.6)
sides = strlen(option("left", "")) + strlen(option("right", "")) > 0
foot = 34 + 18 * (n_lines(xlabel_) + sides)
H = foot + 18 + (under ? 44 : 30) * n
FONT = "sans-serif"
if (TERMINAL eq "svg") { set terminal svg noenhanced size W,H font FONT.',12' background rgb 'white' }
if (TERMINAL eq "png") { set terminal pngcairo noenhanced size 2*W,2*H font FONT.',9' fontscale 2 linewidth 2 pointscale 2 }
if (TERMINAL eq "pdf") { set terminal pdfcairo noenhanced size W/100.0,H/100.0 font FONT.',8.6' }
set output OUT
set lmargin at screen (narrow ? 0.03 : longest > 0 ? 0.02 + 7.0 * longest / W : 0.04)
set rmargin at screen 0.975
set tmargin at screen 1 - 12.0 / H
set bmargin at screen real(foot) / H
set border 1 linecolor rgb "#666666"
set tics nomirror out textcolor rgb "#222222"
set grid x linewidth 0.6 linecolor rgb "#d4d4d4"
set xrange [low - 0.04 * (high - low) : high + 0.04 * (high - low)]
set yrange [n + (under ? 0.35 : 0.6) : (under ? 0.2 : 0.4)]
if (narrow) {
    step_ = (high - low) / 4; decade_ = 10 ** floor(log10(step_))
    step_ = decade_ * (step_ > 5 * decade_ ? 10 : step_ > 2 * decade_ ? 5 : step_ > decade_ ? 2 : 1)
    set xtics step_
}
if (sides) {
    set label "← ".option("left", "") at graph 0, graph 0 offset 0, screen -42.0 / H left
    set label option("right", "")." →" at graph 1, graph 0 offset 0, screen -42.0 / H right
}
set label xlabel_ at graph 0.5, graph 0 offset 0, screen -(42.0 + 18 * sides) / H center
unset key
if (narrow) { unset ytics } else { set ytics () scale 0 }
set object 1 rectangle from first -delta, graph 0 to first delta, graph 1 fillcolor rgb "#e4e4e4" fillstyle solid noborder behind
set arrow 1 from first 0, graph 0 to first 0, graph 1 nohead linecolor rgb "#555555" linewidth 1 back
paint(s) = s eq "above" ? 0xB34700 : s eq "below" ? 0x0072B2 : s eq "within" ? 0x00704F : 0x555555
jitter(i) = 0.22 * (int(i * 7) % 11 - 5) / 5.0
seeds_ = "RAW using (column('value')):(column('place') + jitter($0)) with points pt 7 ps 0.35 lc rgb 0xA0666666"
bars_ = "DATA using (column('estimate')):(column('place')):(column('low')):(column('high')):(paint(strcol('effect')))"
style_ = "with xerrorbars pt 7 ps 0.9 lw 2 lc rgb variable"
if (narrow) {
    plot @seeds_, @bars_ @style_, \
         DATA using (low):(column("place") - 0.42):(strcol("name")) with labels left noenhanced
} else {
    plot @seeds_, @bars_:ytic(strcol("name")) @style_
}
