#!/usr/bin/env python3
"""Writes the reference data of the tokenizer tests beside this script.

Needs transformers and tokenizers (made with 5.23.0 and 0.23.3). The lines are synthetic.

  python make_reference.py        # reads vocab.txt of the uncased vocabulary in uncased/
"""
import json
import pathlib
import random

from tokenizers import normalizers, pre_tokenizers
from transformers import BertTokenizerFast
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

HERE = pathlib.Path(__file__).parent
SURROGATES = range(0xD800, 0xE000)

WORDS = (
    "the quick brown fox jumps over lazy dogs unaffable transformers multiplexing sparsity "
    "Running don't can't it's rock'n'roll U.S.A. e.g. naive cafe resume Tokenization UNBELIEVABLE "
    "iPhone McDonald GPU2 x86_64 C++ foo_bar --flag a/b 3.14 1,000,000 2026-11-24 12:34:56 50% $9.99 "
    "#hashtag @user user@example.com https://example.com/path?query=1&b=%20#frag www.example.org "
    "ab abc abcd antidisestablishmentarianism electroencephalographically"
).split()
ACCENTED = (
    "café naïve résumé Ångström ÉCOLE über Straße STRASSE İstanbul ıspanak Łódź Đorđe ñandú "
    "façade Dvořák Ærøskøbing œuvre ﬁnance ﬀ ĳ Ǆ ǅ ǆ crème brûlée smörgåsbord Zürich ŷ ǖ ṩ ẞ "
    "Việt Nguyễn Hà-Nội ȧ̈ é́ o̲ x̂́ "
    "Åström q̣̇ s̩t̪"
).split()
SCRIPTS = {
    "greek": "Ελλάδα ΑΘΗΝΑ Σίσυφος ΟΔΥΣΣΕΥΣ ὀξεῖα ᾳ ᾼ ΐ ΰ Ὀδυσσεύς ; · λόγος".split(),
    "cyrillic": "Россия МОСКВА ёлка Йод українська Ґ Ї ѣ Ѵ Ӂ быстрая лиса \u0438\u0306".split(),
    "hebrew": "שָׁלוֹם עולם מַקָּף־ ״ציטוט״ יִשְׂרָאֵל שׁ אָ".split(),
    "arabic": "السَّلَامُ عليكم؟ كتاب، العربية ؛ مُحَمَّد ٱلله ﷲ لا ١٢٣ ــ آ أ".split(),
    "devanagari": "हिन्दी नमस्ते। क़ ज़ क्ष १२३ देवनागरी संस्कृतम् ॥".split(),
    "thai": "ภาษาไทย สวัสดี ครับ กรุงเทพฯ ๑๒๓ ๚ น้ำ".split(),
    "chinese": "中文 北京大学 你好，世界！ 𠀀𪛖 𫜴 㐀 豈 丽 「引号」 《书名》 ㊥ 々 〇".split(),
    "japanese": "日本語 ひらがな カタカナ ｶﾞｷﾞ ガ が ー、 。 ッ 東京タワー ヷ ゛".split(),
    "korean": "한국어 서울특별시 안녕하세요 각 조선말 ㅎㅎ ﾡ".split(),
    "other": "ქართული ᲥᲐᲠᲗᲣᲚᲘ Հայերեն አማርኛ ខ្មែរ ລາວ မြန်မာ བོད་ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල "
             "ગુજરાતી ਪੰਜਾਬੀ বাংলা ᏣᎳᎩ ꭰ ᠮᠣᠩᠭᠣᠯ 𐐀𐐨 𝒜𝓑𝟘 Ⓐ Ⅷ ℌ K Ω Å ﬆ".split(),
}
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "❤️", "🏳️‍🌈", "🇩🇪", "1️⃣", "☺", "🧑‍🚀", "🫠", "™", "©", "→", "≠", "½", "€", "№", "∞"]
SPACES = [" ", "  ", "\t", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u1680", "\u202f", "\u205f", "\r", "\u0085",
          "\u000b", "\u000c"]
INVISIBLE = ["\u0000", "\u0001", "\u0007", "\u001b", "\u007f", "\u0080", "\u009f", "\u00ad", "\u200b", "\u200c", "\u200d",
             "\u200e", "\u202e", "\u2060", "\ufeff", "\ufffd", "\ufffc", "\ue000", "\uf8ff", "\U000f0000", "\U0010fffd",
             "\u061c", "\u180e", "\ufe0f", "\U000e0061", "\uffff", "\U0001fffe", "\u0378"]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + list("¡¿«»‘’“”„‚‹›–—―…•‰′″§¶·؟،。、，！？：；（）【】「」『』〜～・‐‑⁃⸺﹏＿￥")
SPECIAL = ["[MASK]", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[mask]", "[MASK", "MASK]", "[[MASK]]", "[ MASK ]", "[unused1]",
           "##ing", "[MASK][MASK]", "a[SEP]b", "x[PAD]", "[UNK].", "[unk]"]


def random_character(rng):
    while True:
        block = rng.choice([(0x20, 0x7F), (0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x5FF), (0x600, 0x8FF), (0x900, 0xDFF),
                            (0xE00, 0x11FF), (0x1200, 0x1FFF), (0x2000, 0x2BFF), (0x2C00, 0x33FF), (0x4E00, 0x9FFF),
                            (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xFFFF), (0x10000, 0x12FFF), (0x1D000, 0x1FFFF),
                            (0x20000, 0x323AF), (0xE0000, 0x10FFFF)])
        code = rng.randint(*block)
        if code not in SURROGATES and code not in (0x0A, 0x0D):
            return chr(code)


def make_lines():
    rng = random.Random(2026)
    lines = ["", " ", "\t", "a", "A", "é", "中", "​", "[MASK]", "\u0301", "\u0301abc", "!", "...", "?!?!?!", "\ufeffBOM"]
    lines += ["x" * n for n in (99, 100, 101, 200, 1000)]
    lines += ["é" * n for n in (50, 99, 100, 101)] + ["中" * 120, "ab" * 50 + " " + "ab" * 51, "\u200b" * 30 + "a" * 100]
    lines += ["e\u0301" * 100, "e\u0301" * 101, "가" * 33, "가" * 34, "각" * 33, "각" * 34]
    pools = [WORDS, ACCENTED, EMOJI, PUNCTUATION, SPECIAL, *SCRIPTS.values()]
    for pool in pools:
        lines += pool
    for _ in range(250):
        lines.append(" ".join(rng.choices(WORDS, k=rng.randint(3, 25))))
    for _ in range(150):
        lines.append(" ".join(rng.choices(WORDS + ACCENTED, k=rng.randint(3, 20))))
    for name in SCRIPTS:
        for _ in range(25):
            lines.append(" ".join(rng.choices(SCRIPTS[name] * 3 + WORDS, k=rng.randint(2, 12))))
    for _ in range(150):
        lines.append("".join(rng.choice(rng.choice(pools)) + rng.choice(["", " ", " ", rng.choice(SPACES)])
                             for _ in range(rng.randint(2, 20))))
    for _ in range(150):
        lines.append("".join(rng.choice([rng.choice(WORDS), rng.choice(INVISIBLE), rng.choice(SPACES), rng.choice(ACCENTED)])
                             for _ in range(rng.randint(2, 25))))
    for _ in range(100):
        lines.append("".join(rng.choices(PUNCTUATION + [" ", "a", "7"], k=rng.randint(1, 30))))
    for _ in range(100):
        lines.append(rng.choice(["", " "]).join(rng.choices(SPECIAL + WORDS + PUNCTUATION, k=rng.randint(1, 10))))
    for _ in range(300):
        lines.append("".join(random_character(rng) for _ in range(rng.randint(1, 25))))
    for _ in range(60):
        base = rng.choice("aeiounAEO가καб")
        lines.append("".join(base + "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(rng.randint(0, 4)))
                             for _ in range(rng.randint(1, 15))))
    return [line.replace("\n", " ") for line in lines]


def build_cased_vocabulary(lines):
    """A small cased vocabulary: special tokens, single characters, and pieces of the lines' words."""
    rng = random.Random(7)
    pieces = set()
    for line in lines:
        for word in line.split():
            for length in (1, 2, 3, 4, len(word)):
                begin = rng.randint(0, max(0, len(word) - length))
                piece = word[begin:begin + length]
                if all(c.isprintable() and ord(c) < 0x3000 for c in piece) and len(piece) <= 12:
                    pieces.add(piece)
    pieces = sorted(pieces)
    rng.shuffle(pieces)
    pieces = sorted(pieces[:2500]) + list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") + PUNCTUATION
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for piece in pieces:
        for token in (piece, "##" + piece):
            if token not in tokens:
                tokens.append(token)
    return tokens


def encode_lines(name, lines, lower_case):
    vocabulary = HERE / name / "vocab.txt"
    fast = BertTokenizerFast(vocab=str(vocabulary), do_lower_case=lower_case)
    legacy = BertTokenizerLegacy(vocab_file=str(vocabulary), do_lower_case=lower_case)
    agreements = 0
    with open(HERE / f"{name}.jsonl", "w", encoding="utf-8") as out:
        for line in lines:
            ids = fast(line)["input_ids"]
            agreements += ids == legacy(line)["input_ids"]
            out.write(json.dumps({"text": line, "ids": ids}, separators=(",", ":")) + "\n")
    print(f"{name}: {len(lines)} lines, both implementations agree on {agreements}")
    return fast


def encode_pairs(fast, lines):
    rng = random.Random(11)
    with open(HERE / "pairs.jsonl", "w", encoding="utf-8") as out:
        for i in range(300):
            first, second = rng.choice(lines)[:80], rng.choice(lines)[:80]
            if i < 60:
                first = " ".join(["dog"] * rng.randint(0, 9))
                second = " ".join(["cat"] * rng.randint(0, 9))
            max_length = rng.randint(3, 24)
            # In lists, since a lone pair with an empty second text is taken for a single text.
            coded = fast([first], [second], truncation="longest_first", max_length=max_length)
            alone = fast(first, truncation="longest_first", max_length=max_length)["input_ids"]
            row = {"first": first, "second": second, "max_length": max_length, "ids": coded["input_ids"][0],
                   "type_ids": coded["token_type_ids"][0], "first_ids": alone}
            out.write(json.dumps(row, separators=(",", ":")) + "\n")


def ranges(codes):
    result = []
    for code in codes:
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def classify_characters():
    """The classes of all code points, as ranges."""
    clean = normalizers.BertNormalizer(True, False, False, False)
    chinese = normalizers.BertNormalizer(False, True, False, False)
    strip = normalizers.BertNormalizer(False, False, True, False)
    split = pre_tokenizers.BertPreTokenizer()
    classes = {"removed": [], "space": [], "punctuation": [], "chinese": [], "accent": []}
    for code in range(0x110000):
        if code in SURROGATES:
            continue
        text = "a" + chr(code) + "b"
        cleaned = clean.normalize_str(text)
        if cleaned == "ab":
            classes["removed"].append(code)
        elif cleaned == "a b":
            classes["space"].append(code)
        if len(split.pre_tokenize_str(text)) == 3:
            classes["punctuation"].append(code)
        if chinese.normalize_str(text) != text:
            classes["chinese"].append(code)
        if strip.normalize_str(text) == "ab":
            classes["accent"].append(code)
    with open(HERE / "characters.json", "w", encoding="utf-8") as out:
        json.dump({name: ranges(codes) for name, codes in classes.items()}, out, separators=(",", ":"))
        out.write("\n")


def main():
    lines = make_lines()
    (HERE / "cased").mkdir(exist_ok=True)
    (HERE / "cased" / "vocab.txt").write_text("\n".join(build_cased_vocabulary(lines)) + "\n", encoding="utf-8")
    fast = encode_lines("uncased", lines, True)
    encode_pairs(fast, lines)
    encode_lines("cased", lines, False)
    classify_characters()


if __name__ == "__main__":
    main()
