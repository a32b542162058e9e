# What all figures share: options, terminals, colours, captions. Loaded by each script after it has put
# its arguments into OUT, TERMINAL, DATA, RAW and OPTIONS. Everything here may be edited. The column `measure` names a
# metric; it keeps its older name, because scripts of users read it.

set encoding utf8
set datafile separator tab
set datafile columnheaders
# No `set datafile missing "nan"`: NaN must break a line where a run diverged, not be bridged.

# ---- options: lines key=value ----
option(key, otherwise) = (o_ = strstrt(OPTIONS, "\n".key."="), o_ == 0 ? otherwise : upto(OPTIONS[o_+strlen(key)+2:*]))
upto(rest) = rest[1:strstrt(rest, "\n")-1]

longer(a, b) = a > b ? a : b

# ---- lists: what stands in a column, in order of first appearance ----
array ARM[64];     arms = 0;     arms_seen = "\t"
array PANEL[64];   panels = 0;   panels_seen = "\t"
array ROW[64];     rows = 0;     rows_seen = "\t"
array X[4096];     xs = 0;       xs_seen = "\t"
array MEASURE[16]; measures = 0; measures_seen = "\t"
do for [i = 1:64] { ARM[i] = ""; PANEL[i] = ""; ROW[i] = "" }
do for [i = 1:16] { MEASURE[i] = "" }
note_arm(s) = strstrt(arms_seen, "\t".s."\t") ? 0 : (arms_seen = arms_seen.s."\t", arms = arms + 1, ARM[arms] = s, 0)
note_panel(s) = strstrt(panels_seen, "\t".s."\t") ? 0 : (panels_seen = panels_seen.s."\t", panels = panels + 1, PANEL[panels] = s, 0)
note_row(s) = strstrt(rows_seen, "\t".s."\t") ? 0 : (rows_seen = rows_seen.s."\t", rows = rows + 1, ROW[rows] = s, 0)
if (!exists("series")) { series = 0 }   # of which nobody lists the x, thousands of steps
note_x(s) = series || strstrt(xs_seen, "\t".s."\t") ? 0 : (xs_seen = xs_seen.s."\t", xs = xs + 1, X[xs] = s, 0)
note_measure(s) = strstrt(measures_seen, "\t".s."\t") ? 0 : (measures_seen = measures_seen.s."\t", measures = measures + 1, MEASURE[measures] = s, 0)
# A tic's label is a format: "50%" would end the script.
tic(s) = strstrt(s, "%") == 0 ? s : s[1:strstrt(s, "%")]."%".tic(s[strstrt(s, "%") + 1:*])
# gnuplot 5.4 reads "1.e-05" as a number and "1e-05" not.
number(s) = strstrt(s, ".") == 0 && strstrt(s, "e") > 0 ? real(s[1:strstrt(s, "e")-1].".".s[strstrt(s, "e"):*]) : real(s)
place(list, s) = words(list[1:strstrt(list, "\t".s."\t")])   # only for lists without spaces

# To words() what stands in quotes is one word, and the quotes are lost: they are something else meanwhile.
each(s, f) = (each_ = "", sum [n_ = 1:strlen(s)] (c_ = s[n_:n_], each_ = each_.(f == 1 ? (c_ eq "'" ? "\001" : c_ eq '"' ? "\002" : c_) \
    : (c_ eq "\001" ? "'" : c_ eq "\002" ? '"' : c_)), 0), each_)
hidden(s) = each(s, 1)
shown(s) = each(s, 2)

# Names for readers: lr=0.0001220703125 -> lr=0.0001221.
# "0-1-2-3" is none: a sign stands at the beginning or behind an e.
count_in(s, c) = strlen(s) > 0 ? sum [i_ = 1:strlen(s)] (strstrt(c, s[i_:i_]) > 0) : 0
signs_inside(s) = strlen(s) > 1 ? sum [i_ = 2:strlen(s)] (strstrt("-+", s[i_:i_]) > 0 && s[i_ - 1:i_ - 1] ne "e") : 0
is_number(s) = strlen(s) > 0 && count_in(s, "0123456789.e-+") == strlen(s) && signs_inside(s) == 0 \
    && count_in(s, ".") < 2 && count_in(s, "e") < 2 && count_in(s[1:1], "e") == 0
rounded(s) = strlen(s) > 8 && is_number(s) ? sprintf("%.4g", number(s)) : s
tidy_word(w) = strstrt(w, "=") > 0 ? w[1:strstrt(w, "=")].rounded(w[strstrt(w, "=") + 1:*]) : rounded(w)
tidy_words(s) = (all_ = "", sum [k_ = 1:words(s)] (all_ = all_.(k_ > 1 ? " " : "").tidy_word(word(s, k_)), 0), all_)
tidy(s) = shown(tidy_words(hidden(s)))
array NAME[64]

# The range of what is drawn.
finite(v) = v == v && abs(v) < 1e300
low_y = 1e300; high_y = -1e300; low_median = 1e300; high_median = -1e300; least = 1e300
note_y(v) = finite(v) ? (low_y = v < low_y ? v : low_y, high_y = v > high_y ? v : high_y, least = v > 0 && v < least ? v : least, 0) : 0
note_median(v) = finite(v) ? (low_median = v < low_median ? v : low_median, high_median = v > high_median ? v : high_median, 0) : 0
min_x = 1e300; max_x = -1e300; whole_x = 1
note_number(v) = v == v ? (min_x = v < min_x ? v : min_x, max_x = v > max_x ? v : max_x, whole_x = whole_x && v == floor(v), 0) : 0
failing = "\t"; infinite = 0; most_runs = 0   # arms of which some run failed; values that no axis has
note_failing(s, f) = f > 0 && !strstrt(failing, "\t".s."\t") ? (failing = failing.s."\t", 0) : 0
note_runs(n) = n > most_runs ? (most_runs = n, 0) : 0
note_infinite(v) = v == v && !finite(v) ? (infinite = 1, 0) : 0
stats DATA using (note_arm(strcol("arm")) + note_panel(strcol("panel")) + note_row(strcol("row")) \
    + note_x(strcol("x")) + note_measure(strcol("measure")) + note_failing(strcol("arm"), column("failed")) + note_infinite(column("median")) + note_runs(column("runs")) \
    + note_y(column("low")) + note_y(column("high")) + note_y(column("median")) + note_median(column("median"))) nooutput
numeric_x = series || xs > 0 && strstrt("-.0123456789", X[1][1:1]) > 0 && strlen(X[1]) > 0
if (numeric_x) { stats DATA using (note_number(column("x"))) nooutput }
raw_points = strlen(RAW) > 0 && TERMINAL ne "dumb" && most_runs > 1
if (raw_points) { stats RAW using (note_y(column("value"))) nooutput }
if (low_y > high_y) { low_y = 0; high_y = 1 }
# An error is a fraction: its axis ends at 0 and 1.
is_error = measures > 0 && strstrt(MEASURE[1], "error") > 0 && low_y >= 0 && high_y <= 1

# An arm that diverges must not flatten the others: where it leaves them by far, the axis ends near those of which no
# run failed (if all have some: near the middle half of the medians), and triangles stand where medians lie beyond.
all_low = low_y; all_high = high_y
if (!is_error) {
    low_y = 1e300; high_y = -1e300
    note_sound(s, v) = strstrt(failing, "\t".s."\t") ? 0 : note_y(v)
    stats DATA using (note_sound(strcol("arm"), column("low")) + note_sound(strcol("arm"), column("high")) + note_sound(strcol("arm"), column("median"))) nooutput
    if (low_y > high_y && low_median < high_median) {
        stats DATA using (finite(column("median")) ? column("median") : NaN) nooutput name "MIDDLE"
        low_y = longer(all_low, MIDDLE_lo_quartile - 3 * (MIDDLE_up_quartile - MIDDLE_lo_quartile))
        high_y = -longer(-all_high, -MIDDLE_up_quartile - 3 * (MIDDLE_up_quartile - MIDDLE_lo_quartile))
    }
    sound_low = low_y; sound_high = high_y
    by_far = sound_low < sound_high && (all_low > 0 ? all_high > 1000 * sound_high : all_high - all_low > 30 * (sound_high - sound_low))
    low_y = all_low; high_y = all_high
    if (by_far) {
        low_y = longer(all_low, sound_low > 0 && all_low > 0 ? sound_low / 2 : sound_low - 0.3 * (sound_high - sound_low))
        high_y = -longer(-all_high, -sound_high - (sound_low > 0 && sound_high > 5 * sound_low ? sound_high : 0.3 * (sound_high - sound_low)))
    }
}
cut = infinite || low_y > all_low || high_y < all_high

# A logarithmic axis where values differ by more than a factor of 5. Asked for, it also has a place for 0, at its foot.
log_y = option("log", low_y > 0 && high_y > 5 * low_y ? "y" : "") eq "y" && low_y >= 0 && high_y > 0
zero_y = 0
if (log_y && low_y == 0) { low_y = least < high_y ? least : high_y; zero_y = low_y / longer(2, (high_y / low_y) ** 0.12); low_y = zero_y }
if (low_y == high_y) { low_y = low_y - 0.5 * abs(low_y) - 1e-3; high_y = high_y + 0.5 * abs(high_y) + 1e-3 }
# Where a value is drawn: what lies beyond the axis far enough that lines leave it, 0 at its place.
far_high = log_y ? high_y * (high_y / low_y) : high_y + (high_y - low_y)
far_low = log_y ? low_y : low_y - (high_y - low_y)
drawn(v) = v != v ? NaN : v > far_high ? far_high : v <= far_low ? far_low : v
# Where the mark of a median beyond the axis stands: at its end.
above(v) = v == v && v > axis_high ? axis_high : NaN
below(v) = v == v && v < axis_low && !log_y ? axis_low : NaN

# Where the lines of a panel, arm and measure stand in DATA, for `every`: a plot then need not look at all lines
# of a long file.
array FIRST[8192]; array LAST[8192]
place_index(p, i, m) = ((p - 1) * arms + i - 1) * measures + m
find_panel(s) = (k_ = 1, sum [j_ = 1:panels] (PANEL[j_] eq s ? (k_ = j_, 0) : 0), k_)
find_arm(s) = (k_ = 1, sum [j_ = 1:arms] (ARM[j_] eq s ? (k_ = j_, 0) : 0), k_)
find_measure(s) = (k_ = 1, sum [j_ = 1:measures] (MEASURE[j_] eq s ? (k_ = j_, 0) : 0), k_)
span_ = 0; span_of_ = ""
note_span(p, i, m, line) = (p."\t".i."\t".m eq span_of_ ? 0 : (span_of_ = p."\t".i."\t".m, \
    span_ = place_index(find_panel(p), find_arm(i), find_measure(m)), FIRST[span_] = FIRST[span_] < 0 ? line : FIRST[span_], 0), \
    LAST[span_] = line, 0)
find_spans = "do for [k_ = 1:panels * arms * measures] { FIRST[k_] = -1; LAST[k_] = -1 }; \
    stats DATA using (note_span(strcol('panel'), strcol('arm'), strcol('measure'), $0)) nooutput"
first(p, i, m) = FIRST[place_index(p, i, m)] < 0 ? 0 : FIRST[place_index(p, i, m)]
last(p, i, m) = LAST[place_index(p, i, m)] < 0 ? 0 : LAST[place_index(p, i, m)]

# ---- colours that colour-blind people can tell apart (Okabe & Ito), with shapes and dashes beside them ----
array COLOUR[8] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x8C6D1F, 0x000000]
SHAPES = 13
array SHAPE[SHAPES] = [7, 5, 9, 11, 13, 6, 4, 8, 10, 12, 15, 14, 3]   # filled ones first
array DASHES[5] = [1, 2, 4, 5, 3]
GREY = 0x555555
text_mode = TERMINAL eq "dumb"
# Arms of one normalizer ("batch", "batch lr=0.1") share its colour, in all figures: `none`, the control, is grey,
# `batch` and `layer` have theirs, the others take the next in order. Within it they differ in shade, and in dashes,
# unless those tell a second measure apart. No two arms of a figure have one shape as long as there are enough, so that
# they can be told apart in grey; a family's first arm has the same in all figures. In the terminal letters do that: of light greys gnuplot makes
# colour numbers that no terminal has.
family(s) = strstrt(word(s, 1), "=") ? s : word(s, 1)
array FAMILY[66]; families = 2; FAMILY[1] = "batch"; FAMILY[2] = "layer"
find_family(s) = (k_ = 0, sum [j_ = 1:families] (FAMILY[j_] eq s ? (k_ = j_, 0) : 0), k_)
array VARIANTS[67]; do for [i = 1:67] { VARIANTS[i] = 0 }   # arms of family k; of `none`: the last
channel(c, k, f) = (v_ = (c >> 8 * k) & 255, int(f < 0 ? v_ * (1 + f) : v_ + (255 - v_) * f) << 8 * k)
mixed(c, f) = channel(c, 2, f) + channel(c, 1, f) + channel(c, 0, f)   # f -1: black, 1: white
array PAINT[64]; array POINT[64]; array DASH[64]; array VARIANT[64]; array FAMILY_OF[64]
do for [i = 1:arms] {
    NAME[i] = tidy(ARM[i])
    name = family(ARM[i])
    if (name ne "none" && find_family(name) == 0) { families = families + 1; FAMILY[families] = name }
    FAMILY_OF[i] = name eq "none" ? 67 : find_family(name)
    VARIANTS[FAMILY_OF[i]] = VARIANTS[FAMILY_OF[i]] + 1
    VARIANT[i] = VARIANTS[FAMILY_OF[i]]
}
do for [i = 1:arms] {
    k = FAMILY_OF[i]; n = VARIANTS[k]; v = VARIANT[i]
    PAINT[i] = mixed(k == 67 ? GREY : COLOUR[(k - 1) % 8 + 1], n > 1 && !text_mode ? -0.5 + 0.75 * (v - 1) / (n - 1) : 0)
    POINT[i] = text_mode ? i : v > 1 ? 0 : k == 67 ? 2 : SHAPE[(k - 1) % SHAPES + 1]
    DASH[i] = measures == 1 ? DASHES[(v - 1) % 5 + 1] : 1
}
shapes_taken = "\t"; next_shape = 0
do for [i = 1:arms] { shapes_taken = shapes_taken.POINT[i]."\t" }
is_taken(s) = strstrt(shapes_taken, "\t".s."\t") > 0
do for [i = 1:arms] {
    if (POINT[i] == 0 && !text_mode) {
        do for [k = 1:SHAPES] { if (is_taken(SHAPE[next_shape % SHAPES + 1])) { next_shape = next_shape + 1 } }
        POINT[i] = SHAPE[next_shape % SHAPES + 1]; next_shape = next_shape + 1
        shapes_taken = shapes_taken.POINT[i]."\t"
    }
}
faint(c) = c + 0x90000000   # transparent: AARRGGBB
band(c) = c + int(arms > 3 ? 255 - 165.0 / arms : 200) * 0x1000000   # of many arms the fainter

# ---- terminals: W x H in units of 0.01 inch, text never below 8 pt ----
FONT = "sans-serif"
LARGE = FONT.(TERMINAL eq "svg" ? ",13.5" : ",10")
SMALL = FONT.(TERMINAL eq "svg" ? ",11" : ",8")
text_lines = option("lines", "28")
text_columns = int(option("columns", "80"))
open_terminal(W, H) = TERMINAL eq "svg" ? sprintf("set terminal svg noenhanced size %d,%d font '%s,12' background rgb 'white'", W, H, FONT) \
    : TERMINAL eq "png" ? sprintf("set terminal pngcairo noenhanced size %d,%d font '%s,9' fontscale 2 linewidth 2 pointscale 2", 2*W, 2*H, FONT) \
    : TERMINAL eq "pdf" ? sprintf("set terminal pdfcairo noenhanced size %.2fin,%.2fin font '%s,8.6' fontscale 1 linewidth 1 pointscale 0.5", W/100.0, H/100.0, FONT) \
    : sprintf("set terminal dumb noenhanced %s size %s,%s", option("colour", "mono"), option("columns", "80"), text_lines)

# ---- title above, caption below, wrapped to the width ----
# A word that is longer than a line is broken.
broken(w, n) = strlen(w) <= n ? w : strstrt(w, "=") > 0 && strstrt(w, "=") <= n && strstrt(w, "=") < strlen(w) \
    ? w[1:strstrt(w, "=")]." ".broken(w[strstrt(w, "=") + 1:*], n) : w[1:n]." ".broken(w[n + 1:*], n)
pieces(text, n) = (all_ = "", sum [i_ = 1:words(text)] (all_ = all_.(i_ > 1 ? " " : "").broken(word(text, i_), n), 0), all_)
wrapped(text, width) = shown(wrapped_words(pieces(hidden(text), longer(4, int(width))), width))
wrapped_words(text, width) = (line_ = "", out_ = "", sum [i_ = 1:words(text)] (w_ = word(text, i_), \
    strlen(line_) == 0 ? (line_ = w_, 0) : strlen(line_) + 1 + strlen(w_) <= width ? (line_ = line_." ".w_, 0) \
    : (out_ = out_.line_."\n", line_ = w_, 0)), out_.line_)
n_lines(text) = 1 + sum [i_ = 1:strlen(text)] (text[i_:i_] eq "\n" ? 1 : 0)
title = option("title", "")
caption_text = option("caption", "")
ylabel_text = option("ylabel", strlen(measures > 0 ? MEASURE[1] : "") ? MEASURE[1] : "")
xlabel_text = option("xlabel", "x")
if (text_mode) { title = ""; caption_text = ""; ylabel_text = "" }   # normlab prints them around the picture
em = 16.0    # height of a text line in the units of W and H

# Opens the output: W and H must be set. Leaves TOP and BOTTOM, the part of the page (0 to 1) that is free.
begin = "title_ = wrapped(title, W / 8.0); H = H + (n_lines(title_) - 1) * 1.1 * em; if (text_mode) { text_lines = sprintf('%d', longer(int(text_lines), int(H / 17))); H = int(text_lines) * em }; \
    eval open_terminal(W, H); if (strlen(OUT) > 0 && OUT ne '-') { set output OUT }; \
    unset label; caption = wrapped(caption_text, W / 5.9); \
    TOP = 1 - (text_mode ? 0.5 : 2.2 + 1.1 * (n_lines(title_) - 1)) * em / H; BOTTOM = (n_lines(caption) + 0.8) * em / H; XLABEL_Y = BOTTOM + (text_mode ? -0.6 : 0.8) * em / H; \
    if (!text_mode) { \
    set label 1 title_ at screen 0.5, screen 1 - 1.2 * em / H center font LARGE noenhanced; \
    set label 2 caption at screen 0.012, screen BOTTOM - 0.9 * em / H left textcolor rgb '#444444' font SMALL noenhanced }"

set border 3 linecolor rgb "#666666"
set tics nomirror out textcolor rgb "#222222"
if (!text_mode) { set grid y linewidth 0.6 linecolor rgb "#d4d4d4" }
second_title = ""

# The y axis, log where log_y says so; one range for all panels. Log tics at 1-2-5, closer where the range is short.
y_factor = low_y > 0 ? high_y / low_y : 1e300   # gnuplot divides before it looks at a condition beside
ytic_values = y_factor < 8 ? (rows * panels > 1 ? "1 1.5 2 3 4 5 7" : "1 1.2 1.5 2 3 4 5 7") : y_factor < 20 ? "1 1.5 2 3 4 5 7" : y_factor < 1e3 ? "1 2 5" : "1"
low_decade = log_y ? floor(log10(low_y)) : 0
high_decade = log_y ? floor(log10(high_y)) : 0
decade_step = 1 + (high_decade - low_decade) / 8   # whole numbers
label_y = 1
nice(s) = (d_ = 10.0 ** floor(log10(s)), s <= 1.001 * d_ ? d_ : s <= 2.001 * d_ ? 2 * d_ : s <= 5.001 * d_ ? 5 * d_ : 10 * d_)
y_tics = 9   # at most about so many; panels set fewer
step_of(range) = nice(range / y_tics)
axis_end(v) = is_error ? (v < 0 ? 0 : v > 1 ? 1 : v) : v
axis_low = log_y ? low_y / 1.06 : axis_end(low_y - 0.04 * (high_y - low_y))
axis_high = axis_end(log_y ? high_y * 1.06 : high_y + 0.04 * (high_y - low_y))
y_axis = "set yrange [axis_low : axis_high]; \
    if (log_y) { set logscale y; set ytics (); \
    do for [d_ = low_decade:high_decade:decade_step] { do for [t_ in ytic_values] { if (t_ * 10.0**d_ > 1.2 * zero_y) { set ytics add (label_y ? sprintf('%g', t_ * 10.0**d_) : '' t_ * 10.0**d_) } } }; \
    if (zero_y > 0) { set ytics add (label_y ? '0' : '' zero_y) } } \
    else { set ytics step_of(high_y - low_y) format (label_y ? '%g' : '') }"

# ---- the key: drawn by hand above the plot, since gnuplot's own breaks lines by the plot's width ----
# Entries 1 to arms, then a dashed one where second_title is not empty, and a triangle where the axis is cut. key_rows
# is known before `begin`. A single arm that has no name needs no entry. One row where all fit, else columns of one
# width. In the terminal the entries are letters: A none   B batch.
entry_width(s) = 6.8 * strlen(s) + 58
first_entry = arms == 1 && ARM[1] eq "all runs" ? 2 : 1
array HAS_SECOND[64]; do for [i = 1:64] { HAS_SECOND[i] = 0 }
note_second(s, m, v) = m eq MEASURE[2] && v == v ? (HAS_SECOND[find_arm(s)] = 1, 0) : 0
if (text_mode && measures == 2) { stats DATA using (note_second(strcol("arm"), strcol("measure"), column("median"))) nooutput }
letter(i) = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(i - 1) % 52 + 1:(i - 1) % 52 + 1]
text_entry(s) = (key_width + strlen(s) + 3 > text_columns - 6 && key_width > 0 \
    ? (key_text = key_text."\n", key_rows = key_rows + 1, key_width = 0.0) : 0, \
    key_text = key_text.(key_width > 0 ? "   " : "").s, key_width = key_width + strlen(s) + 3)
key_text = ""
beyond_title = cut ? "beyond the axis".(all_high > high_y && finite(all_high) ? sprintf(", to %.2g", all_high) : "") : ""
entry(i) = i <= arms ? NAME[i] : i == arms + 1 && strlen(second_title) > 0 ? second_title : beyond_title
key_entries = "key_rows = 1; key_width = 0.0; last_entry = arms + (strlen(second_title) > 0) + (cut != 0); \
    if (text_mode) { do for [i = first_entry:2 * arms] { \
    if (i <= arms) { w_ = text_entry(letter(i).' '.NAME[i]) } else { \
    if (strlen(second_title) && HAS_SECOND[i - arms]) { w_ = text_entry(letter(i).' '.(first_entry == 2 ? '' : NAME[i - arms].' ').'('.second_title.')') } } }; if (cut) { w_ = text_entry('at the edge: '.beyond_title) } } \
    else { key_n = last_entry - first_entry + 1; key_widest = 0.0; \
    do for [i = first_entry:last_entry] { w_ = entry_width(entry(i)); \
    key_width = key_width + w_; key_widest = longer(key_widest, w_) }; \
    key_rows = key_n > 0; if (key_width > 0.94 * W) { key_columns = longer(1, int(0.94 * W / key_widest)); key_rows = (key_n + key_columns - 1) / key_columns; \
    key_width = key_widest * key_columns } }"
draw_key = "unset key; if (text_mode) { set label key_text at screen 0.04, screen TOP left } else { \
    x_ = 0.54 - 0.5 * key_width / W; y_ = TOP - 0.45 * em / H; \
    do for [i = first_entry:last_entry] { name_ = entry(i); \
    if (key_rows > 1) { n_ = i - first_entry; x_ = 0.54 + (n_ % key_columns * key_widest - 0.5 * key_width) / W; \
    y_ = TOP - (0.45 + 1.15 * (n_ / key_columns)) * em / H }; \
    if (i <= arms) { set arrow from screen x_, screen y_ to screen x_ + 28.0 / W, screen y_ nohead lw 1.6 dt DASH[i] lc rgb PAINT[i]; \
    set label '' at screen x_ + 14.0 / W, screen y_ point pt POINT[i] ps 0.8 lc rgb PAINT[i] }; \
    if (i > arms && name_ eq beyond_title) { set label '' at screen x_ + 20.0 / W, screen y_ point pt 9 ps 1 lc rgb GREY }; \
    if (i > arms && name_ ne beyond_title && xs == 1) { set label '' at screen x_ + 20.0 / W, screen y_ point pt 1 lw 1.5 lc rgb GREY }; \
    if (i > arms && name_ ne beyond_title && xs != 1) { set arrow from screen x_, screen y_ to screen x_ + 28.0 / W, screen y_ nohead lw 1.5 dt 2 lc rgb GREY }; \
    set label name_ at screen x_ + 34.0 / W, screen y_ left; if (key_rows == 1) { x_ = x_ + entry_width(name_) / W } } }"
# ---- failures: above each panel a line for every arm of which runs failed, "2/5" at its place on the x axis ----
# The script fills FAILED[(panel - 1) * arms + arm] with words "place:f/n", the most important first, and lets
# count_failed find the lines; a line that does not fit beside those before it is left out. draw_failed draws those of
# panel p_ in column c, whose upper edge is y1. Narrow panels say how many failed, not of how many.
failures = 0
array FAILED[4096]; array FAILED_LINE[64]
of_place(w) = real(w[1:strstrt(w, ":") - 1])
of_count(w) = w[strstrt(w, ":") + 1:narrow ? strstrt(w, "/") - 1 : strlen(w)]
narrow = 0
count_failed = "do for [i = 1:arms] { FAILED_LINE[i] = -1; do for [k_ = 1:n_panels] { \
    if (FAILED_LINE[i] < 0 && !text_mode && words(FAILED[(k_ - 1) * arms + i]) > 0) { FAILED_LINE[i] = failures; failures = failures + 1 } } }"
fits_beside(low, high) = (f_ = 1, sum [k_ = 1:words(taken)] (w_ = word(taken, k_), \
    low < real(w_[strstrt(w_, ":") + 1:*]) + 4 && high > real(w_[1:strstrt(w_, ":") - 1]) - 4 ? (f_ = 0, 0) : 0), f_)
draw_failed = "do for [i = 1:arms] { if (FAILED_LINE[i] >= 0) { height = y1 + (0.9 + 1.2 * FAILED_LINE[i]) * em / H; \
    if (c == 0) { set label 'failures' at screen LEFT - 17.0 / W, screen height right textcolor rgb '#444444' font SMALL; \
    set label '' at screen LEFT - 10.0 / W, screen height point pt POINT[i] ps 0.9 lc rgb PAINT[i] }; \
    taken = ''; do for [w in FAILED[(p_ - 1) * arms + i]] { \
    half_ = 0.5 * strlen(of_count(w)) * letter_width; middle_ = place_of(of_place(w)) * cell_w * W; \
    if (fits_beside(middle_ - half_, middle_ + half_)) { \
    set label of_count(w) at screen x0 + middle_ / W, screen height center textcolor rgb '#444444' font SMALL; \
    taken = sprintf('%s %g:%g', taken, middle_ - half_, middle_ + half_) } } } }"

# ---- small multiples: column c and row r (from 0) of a grid of panels; all have one y range ----
# Set columns_, rows_, GAP_X, GAP_Y (in units of W and H) and the outer margins LEFT, RIGHT, GRID_TOP, GRID_BOTTOM first.
# Left of them there is room for the longest number of the y axis.
number_letters = 3
note_letters(s) = strlen(s) > number_letters ? (number_letters = strlen(s), 0) : 0
if (log_y) { do for [d_ = low_decade:high_decade] { do for [t_ in ytic_values] { if (t_ * 10.0**d_ >= low_y / 1.06 && t_ * 10.0**d_ <= high_y * 1.06) { w_ = note_letters(sprintf("%g", t_ * 10.0**d_)) } } } }
else { do for [d_ = 0:11] { w_ = note_letters(sprintf("%g", step_of(high_y - low_y) * (ceil(low_y / step_of(high_y - low_y)) + d_))) } }
LEFT = text_mode ? (number_letters + 5) / real(text_columns) : longer(strlen(failing) > 1 ? 86 : 70, 43 + 7.2 * number_letters) / 700.0; RIGHT = 0.98; GAP_X = 12.0; GAP_Y = text_mode ? 32.0 : 27.0
panel_width = "cell_w = (RIGHT - LEFT - (columns_ - 1) * GAP_X / W) / columns_; cell_h = (GRID_TOP - GRID_BOTTOM - (rows_ - 1) * GAP_Y / H) / rows_"
open_panel = "x0 = LEFT + c * (cell_w + GAP_X / W); y1 = GRID_TOP - r * (cell_h + GAP_Y / H); \
    set lmargin at screen x0; set rmargin at screen x0 + cell_w; set tmargin at screen y1; set bmargin at screen y1 - cell_h; \
    label_y = c == 0; \
    if (r == rows_ - 1 || (r + 1) * columns_ + c >= n_panels) { set format x '%g' } else { set format x '' }"
# A panel's heading, in as many lines as the longest needs: count_heading before `begin`, with what is longest, and
# make_room before panel_width.
heading_lines = 1
letter_width = text_mode ? 700.0 / text_columns : 6.2
count_heading = "chars_ = (RIGHT - LEFT - (columns_ - 1) * GAP_X / W) / columns_ * W / letter_width; heading_lines = n_lines(wrapped(longest_heading, chars_)); \
    H = H + 14.0 * rows_ * (heading_lines - 1) + 1.15 * em * longer(0, key_rows - 1)"
make_room = "\
    GAP_Y = GAP_Y + 14.0 * (heading_lines - 1); GRID_TOP = GRID_TOP - 14.0 * (heading_lines - 1) / H"
heading = "heading_ = wrapped(heading_text, cell_w * W / letter_width); \
    set label 9 heading_ at screen x0 + cell_w / 2, screen y1 + (0.55 + 0.88 * (n_lines(heading_) - 1)) * em / H center font SMALL noenhanced"
# Few enough tics that their labels do not touch; of epochs and steps whole ones.
x_step(range) = longer(whole_x, nice(range / (columns_ > 3 ? 2.0 : columns_ > 1 ? 4.0 : 8.0)))
# A panel's name as a reader wants it: train.batch_size=2 -> mini-batch size 2. normlab says what the keys are called.
key_words(s) = s eq PANEL_KEY && strlen(option("panel_words", "")) ? option("panel_words", "") \
    : s eq ROW_KEY && strlen(option("row_words", "")) ? option("row_words", "") : s[strstrt(s, ".") + 1:*]
before_sign(s) = s[1:strstrt(s, "=") - 1]
PANEL_KEY = panels > 0 ? before_sign(PANEL[1]) : ""; ROW_KEY = rows > 0 ? before_sign(ROW[1]) : ""
short(s) = tidy(key_and_value(s))
key_and_value(s) = (e_ = strstrt(s, "="), e_ == 0 ? s : s[1:e_ - 1] eq "norm.kind" ? s[e_ + 1:*] : key_words(s[1:e_ - 1])." ".s[e_ + 1:*])
