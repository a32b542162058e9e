# Reads a merged results file in R (Bioconductor's rhdf5, Debian: r-bioc-rhdf5), as results/README.md says one does.
#   Rscript read.R RESULTS.h5
# Prints a line a thing read, its name and its values; scripts/check-interop.py compares them. Arrays come out with
# their dimensions reversed: [epoch, run].
suppressPackageStartupMessages(library(rhdf5))
path <- commandArgs(TRUE)[1]
say <- function(name, ...) cat(name, format(c(...), digits = 17), "\n")

errors <- h5read(path, "summary/test_error")
kinds <- h5read(path, "summary/norm.kind")
say("median", median(errors[kinds == kinds[1]], na.rm = TRUE))
say("kind", kinds[1])
say("seeds", h5read(path, "summary/seed"))
say("curve", h5read(path, "series/epoch/test_error")[, 1])
say("steps", h5read(path, "series/step/step")[, 1])
run <- paste0("runs/", h5read(path, "summary/run")[1])
say("lr", suppressWarnings(h5readAttributes(path, run))[["optimizer.lr"]])
say("missing", suppressWarnings(h5readAttributes(path, "summary/diverged_at_step"))[["_FillValue"]])
