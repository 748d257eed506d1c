#!/usr/bin/env python3
"""Writes the reference data of the byte-pair tests beside this script.

Needs transformers and tokenizers (made with 5.x and 0.22 or later). The lines are those of
make_reference.py; the vocabulary is trained on them.

  python make_byte_pair_reference.py
"""
import json
import random

from tokenizers import ByteLevelBPETokenizer, pre_tokenizers
from transformers import RobertaTokenizerFast

from make_reference import HERE, SURROGATES, WORDS, make_lines, ranges

FOLDER = HERE / "byte_pairs"
MASK = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False,
        "single_word": False}
SPECIAL = ["<s>", "</s>", "<mask>", "<pad>", "<unk>", " <mask>", "  <mask> ", "<mask><mask>", "a<mask>b",
           "<MASK>", "<s", "<<s>>", "\u00a0<mask>", "\u3000\t<mask>!"]


def train(lines):
    trained = ByteLevelBPETokenizer(add_prefix_space=False)
    trained.train_from_iterator(lines * 2, vocab_size=1500, min_frequency=2,
                                special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    FOLDER.mkdir(exist_ok=True)
    trained.save_model(str(FOLDER))
    (FOLDER / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, "mask_token": MASK}) + "\n")


def load(add_prefix_space):
    return RobertaTokenizerFast.from_pretrained(str(FOLDER), add_prefix_space=add_prefix_space)


def write_rows(name, rows):
    with open(HERE / name, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, separators=(",", ":")) + "\n")


def classify_characters():
    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    classes = {"letter": [], "number": [], "space": [], "other": []}
    for code in range(0x110000):
        if code in SURROGATES:
            continue
        joins = lambda text: len(split.pre_tokenize_str(text)) == 1
        character = chr(code)
        if joins("a" + character):
            classes["letter"].append(code)
        elif joins("1" + character):
            classes["number"].append(code)
        elif joins("!" + character):
            classes["other"].append(code)
        else:
            classes["space"].append(code)
    del classes["other"]
    with open(HERE / "byte_pair_characters.json", "w", encoding="utf-8") as out:
        json.dump({name: ranges(codes) for name, codes in classes.items()}, out, separators=(",", ":"))
        out.write("\n")


def main():
    rng = random.Random(5)
    lines = make_lines()
    train(lines)
    fast, prefixed = load(False), load(True)
    lines += SPECIAL + [rng.choice(["", " "]).join(rng.choices(SPECIAL + WORDS, k=rng.randint(1, 8))) for _ in range(100)]
    lines += ["they'll we've I'm you're he'd 's 't '''s 'S it'S can'tx", "a  b   c\t\td \n", "   lead", "tail   ", "1a2b3c", "x" * 3000]
    write_rows("byte_pairs.jsonl", [{"text": line, "ids": fast(line)["input_ids"], "prefixed": prefixed(line)["input_ids"]}
                                    for line in lines])
    pairs = []
    for _ in range(200):
        first, second = rng.choice(lines)[:80], rng.choice(lines)[:80]
        max_length = rng.randint(4, 30)
        coded = fast([first], [second], truncation="longest_first", max_length=max_length)
        pairs.append({"first": first, "second": second, "max_length": max_length, "ids": coded["input_ids"][0]})
    write_rows("byte_pair_pairs.jsonl", pairs)
    words = []
    for tokenizer, name in ((prefixed, "byte_pairs"), (None, "uncased")):
        if tokenizer is None:
            from transformers import BertTokenizerFast
            tokenizer = BertTokenizerFast(vocab=str(HERE / "uncased" / "vocab.txt"), do_lower_case=True)
        for _ in range(150):
            text = [w for w in rng.choice(lines).split() if not any(s.strip() in w for s in SPECIAL) and "[" not in w]
            if not text:
                continue
            max_length = rng.randint(4, 40)
            coded = tokenizer(text, is_split_into_words=True, truncation=True, max_length=max_length)
            first = [0] * len(text)
            for position, word in reversed(list(enumerate(coded.word_ids()))):
                if word is not None:
                    first[word] = position
            words.append({"tokenizer": name, "words": text, "max_length": max_length, "ids": coded["input_ids"],
                          "first_tokens": first})
    write_rows("words.jsonl", words)
    classify_characters()


if __name__ == "__main__":
    main()
