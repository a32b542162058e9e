#!/usr/bin/env Rscript
# LetterRecognition and Satellite of R's package mlbench, as normlab reads them: letters/ and satellite/, each train.csv and
# test.csv, with their usual division: the first 16,000 letters and the first 4,435 pixels are for training.
#
#   Rscript share/data/mlbench.R [FOLDER]      default: ~/.local/share/normlab, where normlab looks

library(mlbench)
data(LetterRecognition)
data(Satellite)

# Written beside its place and renamed: nobody reads half of it.
write_table <- function(rows, path) {
    part <- paste0(path, ".part")
    write.csv(rows, part, row.names = FALSE, quote = FALSE)
    if (!file.rename(part, path)) stop(path, ": cannot be written")
}

# The last column is the target.
write_set <- function(folder, inputs, class, n_train) {
    dir.create(folder, recursive = TRUE, showWarnings = FALSE)
    rows <- cbind(inputs, class = class)
    write_table(rows[seq_len(n_train), ], file.path(folder, "train.csv"))
    write_table(rows[-seq_len(n_train), ], file.path(folder, "test.csv"))
    cat(sprintf("%s: %d rows to train on, %d to test on\n", folder, n_train, nrow(rows) - n_train))
}

arguments <- commandArgs(trailingOnly = TRUE)
home <- if (length(arguments)) arguments[1] else path.expand("~/.local/share/normlab")
write_set(file.path(home, "letters"), LetterRecognition[, -1], LetterRecognition$lettr, 16000)
write_set(file.path(home, "satellite"), Satellite[, -37], Satellite$classes, 4435)
