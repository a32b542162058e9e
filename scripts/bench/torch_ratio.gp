# How many times as fast as PyTorch, against mini-batch size: a panel for each network and number of threads.
#
#   gnuplot -c torch_ratio.gp OUT.svg torch.tsv
#
# torch.tsv is what scripts/bench_torch.py wrote. Solid: over the form `bare`, median of the repeats, bars from the
# lowest to the highest. Dashed: over the form `hand`.
OUT = ARG1; DATA = ARG2
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile missing "nan"

# What stands in the columns, in order of first appearance.
array NET[64];     nets = 0;    nets_seen = "\t"
array THREADS[64]; counts = 0;  counts_seen = "\t"
array BATCH[64];   batches = 0; batches_seen = "\t"
note_net(s) = strstrt(nets_seen, "\t".s."\t") ? 0 : (nets_seen = nets_seen.s."\t", nets = nets + 1, NET[nets] = s, 0)
note_count(s) = strstrt(counts_seen, "\t".s."\t") ? 0 : (counts_seen = counts_seen.s."\t", counts = counts + 1, THREADS[counts] = s, 0)
note_batch(s) = strstrt(batches_seen, "\t".s."\t") ? 0 : (batches_seen = batches_seen.s."\t", batches = batches + 1, BATCH[batches] = s, 0)
low = 1.0; high = 1.0; processor = ""; version = ""; busy = 0.0
note_ratio(v) = v == v ? (low = v < low ? v : low, high = v > high ? v : high, 0) : 0
stats DATA using (note_net(strcol("sizes")) + note_count(strcol("threads")) + note_batch(strcol("batch")) \
    + note_ratio(column("ratio_low")) + note_ratio(column("ratio_high")) + note_ratio(column("ratio_hand")) \
    + (busy = column("others") > busy ? column("others") : busy, 0) + (processor = strcol("processor"), version = strcol("torch"), 0)) nooutput

# Colours and shapes as in scripts/figures/style.gp: the control is grey.
NORMS = "none batch layer"
array COLOUR[3] = [0x555555, 0x0072B2, 0xD55E00]
array SHAPE[3]  = [2, 7, 5]

LEFT = 62.0; TOP = 92.0; PANEL_W = nets > 1 ? 320.0 : 560.0; PANEL_H = 270.0
W = LEFT + nets * PANEL_W; H = TOP + counts * PANEL_H + (busy > 0.1 ? 30 : 10)
set terminal svg noenhanced size W, H font "sans-serif,12" background rgb "white"
set output OUT
set border 3 linecolor rgb "#666666"
set tics nomirror out textcolor rgb "#222222"
set grid y linewidth 0.6 linecolor rgb "#d4d4d4"
unset key
set logscale x 2
set logscale y
first = real(BATCH[1]); last = first
do for [i = 1:batches] { b = real(BATCH[i]); first = b < first ? b : first; last = b > last ? b : last }
set xrange [first / 1.5 : last * 1.5]
set yrange [low / 1.1 : high * 1.1]
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linewidth 1.2 linecolor rgb "#000000"

# Above the panels: title, machine, key.
x(pixels) = pixels / W; y(pixels) = 1 - pixels / H
set label 1 "Training steps a second: normlab over PyTorch ".version at screen 0.5, screen y(18.0) center font ",14"
set label 2 processor."; median of the repeats, bars from lowest to highest" at screen 0.5, screen y(38.0) \
    center font ",11" textcolor rgb "#444444"
at = 0.5 * W - 230
do for [n = 1:3] {
    set arrow 1 + n from screen x(at), screen y(58.0) to screen x(at + 28), screen y(58.0) nohead linewidth 1.6 linecolor rgb COLOUR[n]
    set label 2 + n word(NORMS, n) at screen x(at + 34), screen y(58.0) left font ",11"
    set label 5 + n "" at screen x(at + 14), screen y(58.0) point pointtype SHAPE[n] pointsize 0.7 linecolor rgb COLOUR[n]
    at = at + 85
}
set arrow 5 from screen x(at), screen y(58.0) to screen x(at + 28), screen y(58.0) nohead dashtype 2 linewidth 1.1 linecolor rgb "#555555"
set label 9 "over PyTorch without nn and optim" at screen x(at + 34), screen y(58.0) left font ",11"
if (busy > 0.1) {
    set label 10 sprintf("The machine was busy: other programs took up to %.0f %% of the cores.", 100 * busy) \
        at screen x(12.0), screen y(H - 12) left font ",11" textcolor rgb "#444444"
}

set multiplot
here(n, v) = strcol("sizes") eq NET[c] && strcol("threads") eq THREADS[r] && strcol("norm") eq word(NORMS, n) ? v : NaN
aside(n) = column("batch") * 1.07 ** (n - 2)   # bars at one x do not cover each other
do for [r = 1:counts] { do for [c = 1:nets] {
    set lmargin at screen x(LEFT + (c - 1) * PANEL_W); set rmargin at screen x(LEFT + c * PANEL_W - 22)
    set tmargin at screen y(TOP + (r - 1) * PANEL_H); set bmargin at screen y(TOP + r * PANEL_H - 58)
    set title NET[c].", ".THREADS[r].(THREADS[r] eq "1" ? " thread" : " threads") offset 0, -0.7 font ",11"
    set xtics ()
    do for [i = 1:batches] { set xtics add (BATCH[i] real(BATCH[i])) }
    set ytics ()
    do for [d = floor(log10(low)):ceil(log10(high))] { do for [t in (high / low > 50 ? "1 2 5" : "1 1.5 2 3 5 7")] {
        set ytics add ((c == 1 ? sprintf("%g", t * 10.0**d) : "") t * 10.0**d)
    } }
    if (r == counts) { set xlabel "mini-batch size" offset 0, 0.3 }
    if (c == 1) { set ylabel "times PyTorch" offset 1.2, 0 } else { unset ylabel }
    plot for [n = 1:3] DATA using (aside(n)):(here(n, column("ratio_hand"))) with lines dashtype 2 linewidth 1.1 \
             linecolor rgb COLOUR[n], \
         for [n = 1:3] DATA using (aside(n)):(here(n, column("ratio"))) with lines linewidth 1.6 linecolor rgb COLOUR[n], \
         for [n = 1:3] DATA using (aside(n)):(here(n, column("ratio"))):(column("ratio_low")):(column("ratio_high")) \
             with yerrorbars linewidth 1.2 pointtype SHAPE[n] pointsize 0.7 linecolor rgb COLOUR[n]
    do for [i = 1:10] { unset label i }
    do for [i = 2:5] { unset arrow i }
} }
unset multiplot
unset output
