#!/usr/bin/env python3
"""Writes reference.jsonl beside this script: labels of random sentences, the entities in them and the
scores of one set against another, by seqeval 1.2.2 (whose default mode counts as conlleval does).
"""
import json
import pathlib
import random

from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

HERE = pathlib.Path(__file__).parent


def labels(rng, marks, length):
    return [rng.choice(["O", "O"] + [f"{mark}-{kind}" for mark in marks for kind in ("per", "org", "art-work")])
            for _ in range(length)]


def changed(rng, sentence, marks):
    return [label if rng.random() < 0.7 else labels(rng, marks, 1)[0] for label in sentence]


def main():
    rng = random.Random(3)
    with open(HERE / "reference.jsonl", "w", encoding="utf-8") as out:
        for marks in ("BI", "I", "IE", "BIES"):
            for _ in range(30):
                actual = [labels(rng, marks, rng.randint(1, 12)) for _ in range(rng.randint(1, 5))]
                predicted = [changed(rng, sentence, marks) for sentence in actual]
                row = {"actual": actual, "predicted": predicted,
                       "entities": [[[kind, first, last + 1] for kind, first, last in get_entities(sentence)]
                                    for sentence in actual],
                       "accuracy": float(accuracy_score(actual, predicted)),
                       "precision": float(precision_score(actual, predicted, zero_division=0)),
                       "recall": float(recall_score(actual, predicted, zero_division=0)),
                       "f1": float(f1_score(actual, predicted, zero_division=0))}
                out.write(json.dumps(row, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
