"""From p values to words, as docs/statistics.md says it: the table, Holm over strata and questions, the rules."""
import numpy as np


def holm(p):
    """Adjusted p values of one family."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(np.sort(p) * np.arange(len(p), 0, -1)))
    return adjusted


def word_of(kind, p, level):
    """The first row of the table that fits."""
    holds = {fact: p[fact] <= level for fact in p}
    within = holds["not_below"] and holds["not_above"]
    if kind == "equality":
        rows = ((holds["above"] or holds["below"], "refuted"), (within, "supported"))
    else:
        rows = ((holds["above"], "supported"), (holds["below"], "refuted"),
                (within and holds["positive"], "small"), (within, "refuted"), (holds["negative"], "refuted"),
                (holds["not_above"], "refuted"), (holds["positive"], "sign only"))
    return next((word for fits, word in rows if fits), "inconclusive")


def word_over_strata(kind, p, stratum_words, level):
    """Depends goes before what holds of the average."""
    seen = set(stratum_words) - {"undecided"}
    crossed = "above" in seen and seen & {"below", "within"} or kind == "equality" and {"below", "within"} <= seen
    return "depends" if crossed else word_of(kind, p, level)


def words_of_strata(strata, level):
    """strata: the p values of each, all of one family."""
    families = {"above": [p["above"] for p in strata], "below": [p["below"] for p in strata],
                "within": [max(p["not_below"], p["not_above"]) for p in strata]}
    adjusted = {word: holm(p) for word, p in families.items()}
    return [next((word for word in families if adjusted[word][i] <= level), "undecided") for i in range(len(strata))]


def p_of_answer(question, answer):
    """The p value of `supported` or `refuted` of a question, for Holm over questions."""
    p, direction = question.p_decides, question.kind == "direction"
    if answer == "supported":
        return p["above"] if direction else max(p["not_below"], p["not_above"])
    return p["not_above"] if direction else min(p["above"], p["below"])


def survives(questions, answer, level):
    """Whether a question with this answer keeps it after Holm over the questions."""
    adjusted = holm([p_of_answer(q, answer) for q in questions])
    return any(q.word == answer and p <= level for q, p in zip(questions, adjusted))


def rule_one(questions, level):
    return questions[0].word


def rule_all(questions, level):
    words = {q.word for q in questions}
    if survives(questions, "refuted", level):
        return "refuted"
    if words <= {"supported", "sign only", "small"}:
        return next(word for word in ("small", "sign only", "supported") if word in words)
    return "inconclusive"


def rule_depends(questions, level):
    words = {q.word for q in questions}
    if words in ({"supported"}, {"refuted"}):
        return words.pop()
    if survives(questions, "supported", level) and survives(questions, "refuted", level):
        return "depends"
    return "inconclusive"


RULES = {"one": rule_one, "all": rule_all, "depends": rule_depends}


def headline_of(rule, questions, level):
    premises = [q.word for q in questions if q.role == "premise"]
    if {"refuted", "small"} & set(premises):
        return "premise not met"
    if set(premises) - {"supported"}:
        return "inconclusive"
    return RULES[rule]([q for q in questions if q.role == "decides"], level)


def shown(word, shortened):
    """A paper's experiment that was cut shorter is seen or not seen."""
    if not shortened:
        return word
    return {"supported": "seen", "refuted": "not seen"}.get(word, word) + " (shortened)"
