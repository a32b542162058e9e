#!/usr/bin/env python3
"""Recomputes verdicts from the differences they rest on, with numpy and SciPy, from docs/statistics.md alone.

    audit.py DIFFERENCES.tsv[.gz] VERDICTS.tsv[.gz] [FOLDER_OF_WRONG_ROWS [EFFECTS.tsv]]

`normlab judge CLAIM.yaml... --differences FILE --verdicts FILE --rows FOLDER --effects FILE` writes what is read here.
Estimates, p values, V and words must be the same, intervals within 10 % of their length. Exit status 1 where one
differs, each named; 2 where a table cannot be read.

Whoever changes src/judge/ does not copy from here, nor the other way round: two readings of one text find mistakes
that one reading cannot. docs/statistics.md, "The audit", describes every column.
"""
import csv
import gzip
import itertools
import math
import os
import re
import sys
from collections import defaultdict

import numpy as np

sys.dont_write_bytecode = True
from auditing.effects import power_of, ratio_ends_here, ratio_of
from auditing.estimates import (FACTS, SAME, interquartile_mean, interval_bounds, mean_squares, p2_values, p_values,
                                rows_variance)
from auditing.words import RULES, headline_of, shown, word_over_strata, words_of_strata

AVERAGE = "*"  # the stratum that is the average over strata; as a question: the claim's headline
LEVEL = 0.025
LOOKS = {10: 0.008, 20: 0.007, 40: 0.010}  # level of a look by its number of seeds
POWER, POWER_SLACK = 0.8, 0.14  # of an effect that can be decided: by 200 draws, here by as many others
EXACT = 1e-9   # of a number: what two programs may differ by in "the same" number

DIFFERENCE_COLUMNS = ("claim", "question", "stratum", "seed", "more", "less", "d", "delta", "kind", "m", "MS_rows",
                      "MS_rest", "fold", "d_low", "d_high")
VERDICT_COLUMNS = ("claim", "question", "stratum", "role", "rule", "level", "n", "estimate", "mean", "low", "high",
                   "low2", "high2", "V", *(f"{p}_{fact}" for p in ("p", "p2") for fact, _, _ in FACTS), "word",
                   "basis", "shortened")


EFFECT_COLUMNS = ("claim", "question", "more_name", "less_name", "more", "less", "estimate", "low", "high", "low2",
                  "high2", "ratio", "ratio_low", "ratio_high", "n", "m", "delta", "decidable", "word")


class Unreadable(Exception):
    pass


def read_table(path, columns, may_be_empty=False):
    """Lines as dictionaries; a header may come again, where tables were put together."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        lines = list(reader)
        names = reader.fieldnames or []
    missing = [column for column in columns if column not in names]
    if missing:
        raise Unreadable(f"{path} has no column {', '.join(missing)}")
    if not lines and not may_be_empty:
        raise Unreadable(f"{path} has no lines")
    return [line for line in lines if line[columns[0]] != columns[0]]


def number(line, column):
    """NaN where the cell is empty."""
    text = line[column] or "nan"
    try:
        return float(text)
    except ValueError:
        raise Unreadable(f"{line['claim']}, {line['question']}: '{text}' in column {column} is no number") from None


def one_of(lines, column):
    """What all lines must agree on."""
    values = {line[column] for line in lines}
    if len(values) != 1:
        first = lines[0]
        raise Unreadable(f"{first['claim']}, {first['question']}, {first['stratum']}: {column} is not one: {values}")
    return values.pop()


class Stratum:
    """The lines of one stratum of a question, or of the average over its strata, sorted by seed."""

    def __init__(self, lines):
        lines = sorted(lines, key=lambda line: int(line["seed"]))
        self.name = lines[0]["stratum"]
        self.seeds = [int(line["seed"]) for line in lines]
        if len(set(self.seeds)) < len(lines) or len(lines) < 2:
            raise Unreadable(f"{lines[0]['claim']}, {lines[0]['question']}, {self.name}: a seed twice, or only one")
        self.more, self.less, self.d, self.d_low, self.d_high = (
            np.array([number(line, c) for line in lines]) for c in ("more", "less", "d", "d_low", "d_high"))
        self.has_bounds = not np.any(np.isnan([*self.d_low, *self.d_high]))
        self.m, self.ms_rows, self.ms_rest = (float(one_of(lines, c) or "nan") for c in ("m", "MS_rows", "MS_rest"))
        if self.ms_rows == self.ms_rows and self.m != self.m:
            raise Unreadable(f"{lines[0]['claim']}, {lines[0]['question']}: mean squares without m, of unequal folds")
        self.folds = np.array([line["fold"] for line in lines])
        self.delta, self.kind = float(one_of(lines, "delta")), one_of(lines, "kind")
        self.largest = np.nanmax(np.abs([*self.more, *self.less, *self.d, *self.d_low, *self.d_high, self.delta]))

    def judge(self):
        """The numbers from which words follow; p_decides are those over seeds and rows where there are rows."""
        n = len(self.d)
        self.estimate = interquartile_mean(self.d)
        if self.has_bounds:
            self.p_bounds = [p_values(d, self.delta, self.largest) for d in (self.d_low, self.d_high)]
            self.p = {fact: max(p[fact] for p in self.p_bounds) for fact in self.p_bounds[0]}
        else:
            self.p_bounds = []
            self.p = p_values(self.d, self.delta, self.largest)
        self.has_rows = not math.isnan(self.ms_rows)
        self.V = rows_variance(self.ms_rows, self.ms_rest, n, self.m) if self.has_rows else math.nan
        self.p2 = dict.fromkeys(self.p, math.nan)
        if self.has_rows:
            self.p2 = p2_values(self.p, self.estimate, self.delta, self.V, self.largest)
        self.p_decides = self.p2 if self.has_rows else self.p


class Question:
    """One question of a claim: its average, its strata where there are several, and its line of the verdicts."""

    def __init__(self, claim, name, lines, answers):
        self.claim, self.name, self.answers = claim, name, answers
        if AVERAGE not in lines or AVERAGE not in answers:
            raise Unreadable(f"{claim}, {name}: no lines of stratum '{AVERAGE}'")
        if set(lines) != set(answers):
            raise Unreadable(f"{claim}, {name}: the tables have different strata: {sorted(set(lines) ^ set(answers))}")
        self.average = Stratum(lines[AVERAGE])
        self.strata = [Stratum(lines[stratum]) for stratum in lines if stratum != AVERAGE]
        for stratum in self.strata:
            if stratum.seeds != self.average.seeds or stratum.kind != self.average.kind:
                raise Unreadable(f"{claim}, {name}, {stratum.name}: other seeds or another kind than the average's")
            self.average.largest = max(self.average.largest, stratum.largest)
        self.kind, self.role = self.average.kind, answers[AVERAGE]["role"]
        if self.kind not in ("direction", "equality") or self.role not in ("decides", "premise", "beside"):
            raise Unreadable(f"{claim}, {name}: kind '{self.kind}', role '{self.role}'")
        self.level = number(answers[AVERAGE], "level")

    def parts(self):
        return [self.average, *self.strata]

    def answer(self, stratum_words, words_on_these_rows):
        """The word, and what it rests on; of the strata's words the second are by the sign flips alone."""
        average = self.average
        self.p_decides, self.stratum_words = average.p_decides, stratum_words
        self.word = word_over_strata(self.kind, average.p_decides, stratum_words, self.level)
        self.basis = "seeds x rows" if average.has_rows else "seeds"
        word_on_these_rows = word_over_strata(self.kind, average.p, words_on_these_rows, self.level)
        if self.word == "inconclusive" and word_on_these_rows != "inconclusive":
            self.basis = "these rows only"
        if any(self.word_by(p) != self.word for p in average.p_bounds):
            self.basis = "at least"

    def word_by(self, p):
        return word_over_strata(self.kind, p, self.stratum_words, self.level)


# ---- The audit ----------------------------------------------------------------------------------------------------

class Audit:
    def __init__(self, differences, verdicts, rows_folder=None, effects=None):
        self.problems, self.n_numbers, self.rows_folder = [], 0, rows_folder
        lines = grouped(read_table(differences, DIFFERENCE_COLUMNS))
        answers = grouped(read_table(verdicts, VERDICT_COLUMNS))
        self.effects = read_table(effects, EFFECT_COLUMNS, may_be_empty=True) if effects else []
        self.claims = sorted({claim for claim, _ in [*lines, *answers]})
        self.questions, self.headlines = defaultdict(list), {}
        for claim, question in sorted({*lines, *answers}):
            if question == AVERAGE:
                self.headlines[claim] = answers[claim, question][AVERAGE][0]
                continue
            single = {stratum: of[0] for stratum, of in answers.get((claim, question), {}).items()}
            self.questions[claim].append(Question(claim, question, lines.get((claim, question), {}), single))

    def run(self):
        for claim in self.claims:
            for question in self.questions[claim]:
                self.check_differences(question)
                self.check_rows(question)
                for part in question.parts():
                    part.judge()
                    self.check_numbers(question, part)
            self.check_words(claim, self.questions[claim])
        for line in self.effects:
            self.check_effect(line)
        return self.problems

    def expect(self, question, part, what, found, wanted, close):
        self.n_numbers += 1
        if not close:
            self.problems.append(f"{question.claim}, {question.name}, {part}: {what} is {found}, recomputed {wanted}")

    def expect_number(self, question, part, what, found, wanted, size=0.0):
        """size: what the number was subtracted from; NaN is the same as NaN."""
        near = abs(found - wanted) <= EXACT * max(abs(wanted), size) + 1e-300
        self.expect(question, part, what, found, wanted, near or math.isnan(found) and math.isnan(wanted))

    def check_differences(self, question):
        """d is more - less; the average's d that of the strata; errors are whole numbers of rows."""
        average, strata = question.average, question.strata
        for part in question.parts():
            self.expect_all(question, part, "d", part.d, part.more - part.less, SAME * part.largest)
            rows = part.m * (len(strata) or 1 if part is average else 1)
            for arm, values in (("more", part.more), ("less", part.less)) if part.m > 0 else ():
                self.expect_all(question, part, f"rows of {arm}", values * rows, np.round(values * rows), 1e-6)
            if part.has_bounds:
                within = np.clip(part.d, part.d_low, part.d_high)
                self.expect_all(question, part, "d between d_low and d_high", part.d, within, SAME * part.largest)
        for column in ("d", "d_low", "d_high") if strata else ():
            found, mean = getattr(average, column), np.mean([getattr(stratum, column) for stratum in strata], axis=0)
            if column == "d" or average.has_bounds:
                self.expect_all(question, average, f"average {column}", found, mean, SAME * average.largest)

    def expect_all(self, question, part, what, found, wanted, same):
        for seed, a, b in zip(part.seeds, found, wanted):
            self.expect(question, part.name, f"{what} of seed {seed}", a, b, abs(a - b) <= same)

    def check_rows(self, question):
        """The wrong rows themselves: the errors and mean squares that follow from them."""
        average, strata = question.average, question.strata or [question.average]
        if not (self.rows_folder and question.role == "decides" and average.m > 0 and not math.isnan(average.ms_rows)):
            return
        bits = read_rows(os.path.join(self.rows_folder, f"{plain(question.claim)}.{plain(question.name)}.npy"),
                         len(strata), len(average.seeds), int(average.m))
        for stratum, arms in zip(strata, bits):
            for name, values, wrong in (("more", stratum.more, arms[0]), ("less", stratum.less, arms[1])):
                self.expect_all(question, stratum, name, values, wrong.mean(axis=1), EXACT)
        x = bits[:, 0] - bits[:, 1]
        parts = [(average, x.mean(axis=0))] + ([*zip(strata, x)] if question.strata else [])
        for part, of_part in parts:
            squares = mean_squares(of_part, part.folds)
            for name, found, wanted in zip(("MS_rows", "MS_rest"), (part.ms_rows, part.ms_rest), squares):
                self.expect_number(question, part.name, name, found, wanted, size=1)

    def check_numbers(self, question, part):
        line = question.answers[part.name]
        wanted = {"level": question.level, "n": len(part.d), "estimate": part.estimate, "mean": part.d.mean()}
        wanted["V"] = part.V
        wanted |= {f"p_{fact}": p for fact, p in part.p.items()} | {f"p2_{fact}": p for fact, p in part.p2.items()}
        sizes = {"estimate": part.largest, "mean": part.largest, "V": SAME}
        for column, value in wanted.items():
            self.expect_number(question, part.name, column, number(line, column), value, sizes.get(column, 0))
        self.check_interval(question, part, line)

    def check_interval(self, question, part, line):
        bounds = interval_bounds(part.d)
        length = bounds[1][0] - bounds[0][0]
        for column, (end, least, most) in zip(("low", "high"), bounds):
            found = number(line, column)
            near = abs(found - end) <= 0.1 * length + EXACT * part.largest
            self.expect(question, part.name, column, found, end, near or least <= found <= most)
            over_rows = math.nan
            if part.has_rows:
                h = math.sqrt((part.estimate - found) ** 2 + 1.96 ** 2 * part.V)
                over_rows = part.estimate + (h if column == "high" else -h)
            found, near = number(line, column + "2"), 1e-4 * abs(over_rows - part.estimate) + EXACT * part.largest
            same = abs(found - over_rows) <= near if part.has_rows else math.isnan(found)
            self.expect(question, part.name, column + "2", found, over_rows, same)

    def check_effect(self, line):
        """A row of a table of effects: what the other tables say, too, and what follows from both arms."""
        questions = [q for q in self.questions[line["claim"]] if q.name == line["question"]]
        if not questions:
            raise Unreadable(f"{line['claim']}, {line['question']}: an effect of no question")
        question, average = questions[0], questions[0].average
        answer = question.answers[AVERAGE]
        wanted = {column: number(answer, column) for column in ("estimate", "low", "high", "low2", "high2", "n")}
        wanted |= {"more": interquartile_mean(average.more), "less": interquartile_mean(average.less), "m": average.m,
                   "delta": average.delta}
        for column, value in wanted.items():
            self.expect_number(question, "effect", column, number(line, column), value)
        self.expect(question, "effect", "word", line["word"], answer["word"], line["word"] == answer["word"])
        self.check_ratio(question, line)
        decidable, variance = number(line, "decidable"), average.V if average.has_rows else 0
        power = power_of(question.kind, average.d, decidable, average.delta, question.level, variance)
        self.expect(question, "effect", f"power at decidable, {decidable},", f"{POWER:.2f}", f"{power:.2f}",
                    abs(power - POWER) <= POWER_SLACK)

    def check_ratio(self, question, line):
        more, less = question.average.more, question.average.less
        found, wanted = number(line, "ratio"), ratio_of(more, less)
        same = abs(found - wanted) <= 1e-6 * wanted or math.isnan(found) and math.isnan(wanted)
        self.expect(question, "effect", "ratio", found, wanted, same)
        low, high = number(line, "ratio_low"), number(line, "ratio_high")
        for end, value in enumerate((low, high) if not math.isnan(wanted) else ()):
            here = ratio_ends_here(more, less, end, value, 0.1 * (high - low))
            self.expect(question, "effect", ("ratio_low", "ratio_high")[end], value, "another", here)

    def check_words(self, claim, questions):
        deciding = [q for q in questions if q.role == "decides"]
        for family in [deciding] * bool(deciding) + [[q] for q in questions if q.role != "decides"]:
            self.answer_family(family)
        for question in questions:
            self.check_question(question)
        headline = self.headlines.get(claim)
        if not deciding or headline and headline["rule"] == "compute":
            return
        if not headline or headline["rule"] not in RULES:
            raise Unreadable(f"{claim} has no headline, or none of a rule that is known")
        level = deciding[0].level
        for question in questions:
            if question.role != "beside":
                self.expect(question, AVERAGE, "level", question.level, level, question.level == level)
        word = shown(headline_of(headline["rule"], questions, level), headline["shortened"] == "1")
        self.expect(deciding[0], "headline", "word", headline["word"], word, headline["word"] == word)

    def answer_family(self, family):
        """Questions that decide together share the families of their strata; a question without counts as one."""
        strata = [stratum for question in family for stratum in question.strata or [question.average]]
        words, on_these_rows = (iter(words_of_strata(p, family[0].level)) for p in (
            [stratum.p_decides for stratum in strata], [stratum.p for stratum in strata]))
        for question in family:
            n = len(question.strata) or 1
            own = [list(itertools.islice(of, n)) for of in (words, on_these_rows)]
            question.answer(*own if question.strata else ([], []))

    def check_question(self, question):
        n, level = len(question.average.d), question.level
        self.expect(question, AVERAGE, "level", level, LOOKS.get(n, LEVEL), level in (LEVEL, LOOKS.get(n)))
        line = question.answers[AVERAGE]
        word = shown(question.word, line["shortened"] == "1")
        self.expect(question, AVERAGE, "word", line["word"], word, line["word"] == word)
        self.expect(question, AVERAGE, "basis", line["basis"], question.basis, line["basis"] == question.basis)
        for stratum, word in zip(question.strata, question.stratum_words):
            found = question.answers[stratum.name]["word"]
            self.expect(question, stratum.name, "word", found, word, found == word)


def grouped(lines):
    """By (claim, question), then by stratum, in the order of the table."""
    groups = defaultdict(lambda: defaultdict(list))
    for line in lines:
        groups[line["claim"], line["question"]][line["stratum"]].append(line)
    return groups


def read_rows(path, n_strata, n, m):
    """1 where a run got a row wrong: of shape (strata, arms, seeds, rows)."""
    words = np.load(path, allow_pickle=False)
    shape = (n_strata, 2, n, -(-m // 64))
    if words.dtype != "<u8" or words.shape != shape:
        raise Unreadable(f"{path}: {words.dtype} of shape {words.shape}, not <u8 of {shape}")
    return np.unpackbits(words.view("u1"), axis=-1, count=m, bitorder="little").astype(float)


def plain(name):
    """A name as it stands in a file's name."""
    return re.sub(rb"[^A-Za-z0-9_-]", b"_", name.encode()).decode()


def main(arguments):
    if len(arguments) not in (2, 3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        audit = Audit(*arguments)
        problems = audit.run()
    except (Unreadable, OSError, ValueError) as error:
        print(f"audit.py: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(problem)
    n_questions = sum(len(questions) for questions in audit.questions.values())
    print(f"audit: {len(audit.claims)} claims, {n_questions} questions, {audit.n_numbers} numbers and words, "
          f"{len(problems)} differ")
    return 1 if problems or not n_questions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
