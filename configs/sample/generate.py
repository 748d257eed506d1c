#!/usr/bin/env python3
"""Writes the sample data of configs/quickstart.yaml: synthetic reviews made by a small grammar.

Nothing here is real text. A review says what its author thought of a thing; the label is the opinion
of the main clause, so that negation ("hardly dull") and concession ("although the plot was weak, ...")
have to be understood. Run it in this folder; the output is the same on every machine.
"""

import random

POSITIVE = ("wonderful charming moving clever brilliant gripping delightful fresh funny graceful honest "
            "inspired lively memorable superb tender thoughtful touching vivid warm").split()
NEGATIVE = ("dull boring clumsy shallow tedious bland awful predictable lifeless messy noisy pointless "
            "sloppy stale tiresome weak wooden dreary hollow grating").split()
THINGS = ("film story script acting ending dialogue music camera cast pacing plot humour drama scene "
          "character performance direction soundtrack comedy romance").split()
OWNERS = "this the his her their our that".split()
DEGREES = ["", "", "", "very ", "really ", "quite ", "truly ", "rather ", "so "]
NEGATIONS = ["not", "never", "hardly", "anything but", "far from", "not at all"]
VERBS = ["is", "was", "feels", "seems", "remains", "looks"]
LIKES = ["loved", "enjoyed", "admired", "adored", "recommend", "treasure"]
DISLIKES = ["hated", "disliked", "regret", "avoided", "dreaded", "resent"]
PEOPLE = ["we", "i", "they", "the audience", "my friends", "most critics", "everyone here"]
ASIDES = ["in the end", "after an hour", "from start to finish", "on a second viewing", "to be fair",
          "for once", "as the credits roll", "despite the budget", "in the second half", "at its core"]
CONCESSIONS = ["although", "though", "while", "even though"]


def clause(rng, positive):
    kind = rng.random()
    adjective = rng.choice(POSITIVE if positive else NEGATIVE)
    opposite = rng.choice(NEGATIVE if positive else POSITIVE)
    subject = f"{rng.choice(OWNERS)} {rng.choice(THINGS)}"
    if kind < 0.45:
        return f"{subject} {rng.choice(VERBS)} {rng.choice(DEGREES)}{adjective}"
    if kind < 0.65:
        return f"{subject} {rng.choice(VERBS)} {rng.choice(NEGATIONS)} {opposite}"
    if kind < 0.85:
        return f"{rng.choice(PEOPLE)} {rng.choice(LIKES if positive else DISLIKES)} {subject}"
    return f"a {rng.choice(DEGREES)}{adjective} {rng.choice(THINGS)} from {rng.choice(PEOPLE)}"


def review(rng):
    positive = rng.random() < 0.5
    text = clause(rng, positive)
    if rng.random() < 0.3:
        text = f"{rng.choice(CONCESSIONS)} {clause(rng, not positive)} , {text}"
    elif rng.random() < 0.3:
        text = f"{text} and {clause(rng, positive)}"
    if rng.random() < 0.3:
        text = f"{rng.choice(ASIDES)} , {text}" if rng.random() < 0.5 else f"{text} {rng.choice(ASIDES)}"
    return text + " .", int(positive)


def write_task(path, rng, rows, seen):
    with open(path, "w", encoding="utf-8") as file:
        file.write("sentence\tlabel\n")
        while rows:
            text, label = review(rng)
            if text in seen:
                continue
            seen.add(text)
            file.write(f"{text}\t{label}\n")
            rows -= 1


def write_corpus(path, rng, lines):
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(lines):
            file.write(" ".join(review(rng)[0] for _ in range(rng.randint(1, 3))) + "\n")


def write_vocabulary(path, texts):
    words = sorted({word for text in texts for word in text.split()})
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *".,!?'-", *letters]
    pieces += [f"##{letter}" for letter in letters]
    pieces += [word for word in words if word not in pieces]
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(piece + "\n" for piece in pieces))


def main():
    rng = random.Random(20260601)
    seen = set()
    write_task("train.tsv", rng, 6000, seen)
    write_task("dev.tsv", rng, 600, seen)
    write_corpus("corpus.txt", rng, 6000)
    with open("labels.txt", "w", encoding="utf-8") as file:
        file.write("0\tnegative\n1\tpositive\n")
    write_vocabulary("vocab.txt", seen)


if __name__ == "__main__":
    main()
