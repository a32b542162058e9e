# How much of the processor's peak training reaches, against mini-batch size: a line for each network.
#
#   gnuplot -c share_of_peak.gp OUT.svg bench.tsv
#
# bench.tsv is what `normlab bench --tsv` wrote, of one normalizer and one thread. Dashed: the most that peak and memory
# bandwidth together allow (the roofline).
OUT = ARG1; DATA = ARG2
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile missing "nan"

# What stands in the columns, in order of first appearance.
array NET[64];   nets = 0;    nets_seen = "\t"
array BATCH[64]; batches = 0; batches_seen = "\t"
note_net(s) = strstrt(nets_seen, "\t".s."\t") ? 0 : (nets_seen = nets_seen.s."\t", nets = nets + 1, NET[nets] = s, 0)
note_batch(s) = strstrt(batches_seen, "\t".s."\t") ? 0 : (batches_seen = batches_seen.s."\t", batches = batches + 1, BATCH[batches] = s, 0)
processor = ""; norm = ""; peak = 0.0
stats DATA using (note_net(strcol("sizes")) + note_batch(strcol("batch")) \
    + (peak = column("peak_gflops") > peak ? column("peak_gflops") : peak, 0) \
    + (processor = strcol("processor"), norm = strcol("norm"), 0)) nooutput

array COLOUR[6] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0x555555, 0xE69F00]
array SHAPE[6]  = [7, 5, 9, 11, 13, 2]
colour(n) = COLOUR[(n - 1) % 6 + 1]
shape(n) = SHAPE[(n - 1) % 6 + 1]

set terminal svg noenhanced size 640, 380 font "sans-serif,12" background rgb "white"
set output OUT
set border 3 linecolor rgb "#666666"
set tics nomirror out textcolor rgb "#222222"
set grid y linewidth 0.6 linecolor rgb "#d4d4d4"
set key bottom right samplen 2 font ",11"
set logscale x 2
first = real(BATCH[1]); last = first
do for [i = 1:batches] { b = real(BATCH[i]); first = b < first ? b : first; last = b > last ? b : last }
set xrange [first / 1.3 : last * 1.3]
set yrange [0 : 1]
set xtics ()
do for [i = 1:batches] { set xtics add (BATCH[i] real(BATCH[i])) }
set ytics ("0" 0, "20 %%" 0.2, "40 %%" 0.4, "60 %%" 0.6, "80 %%" 0.8, "100 %%" 1)
set title sprintf("Share of the peak that a step of training reaches, %s norm, one thread\n%s, %.0f GFLOP/s a core", \
    norm, processor, peak) font ",13"
set xlabel "mini-batch size"
set ylabel "of the peak"

share = "share_of_peak"
bound(s) = s * column("roofline_steps_per_s") / column("steps_per_s_best")
plot for [n = 1:nets] DATA using (column("batch")):(strcol("sizes") eq NET[n] ? bound(column(share)) : NaN) \
         with lines dashtype 2 linewidth 1.1 linecolor rgb colour(n) notitle, \
     for [n = 1:nets] DATA using (column("batch")):(strcol("sizes") eq NET[n] ? column(share) : NaN) \
         with linespoints linewidth 1.8 pointtype shape(n) pointsize 0.7 linecolor rgb colour(n) title NET[n], \
     NaN with lines dashtype 2 linewidth 1.1 linecolor rgb "#555555" title "the most that memory allows"
unset output
