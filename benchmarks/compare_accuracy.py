"""What fewer bits cost in accuracy: `prumux infer` and other engines on the same model and texts.

    python benchmarks/compare_accuracy.py --prumux build/release/bin/prumux --folder /tmp/comparison \\
      --model runs/sst2/model --data DIR/sst2/dev.tsv

Needs what compare.py needs. Prints for each engine and precision the accuracy, and the share of
texts that it labels as the same engine does in float32. Opponents put texts into groups in the order
of the file, prumux by length; as many of the last texts as fill no group are left out.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess

import numpy
from comparison import worker
from safetensors.numpy import load_file

PRECISIONS = {
    "prumux": ["float32", "bfloat16", "int8"],
    "pytorch": ["float32", "bfloat16"],
    "onnxruntime": ["float32", "int8"],
    "openvino": ["float32", "bfloat16"],
    "ctranslate2": ["float32", "int8"],
}


def read_examples(path, instances):
    """Texts and labels of a TSV file with a header, in whole groups."""
    header, *rows = [line.split("\t") for line in path.read_text().split("\n") if line]
    text, label = header.index("sentence"), header.index("label")
    rows = rows[: len(rows) // instances * instances]
    return [row[text] for row in rows], numpy.array([int(row[label]) for row in rows])


def run_prumux(arguments, command, texts, *options):
    """The objects that a command of the program prints for the texts, one for each."""
    command = [arguments.prumux, command, arguments.model, "--max-length", arguments.max_length]
    result = subprocess.run(
        [*map(str, command), *options],
        input="".join(text + "\n" for text in texts),
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


def prumux_labels(arguments, texts, precision):
    rows = run_prumux(arguments, "infer", texts, "--dtype", precision, "--groups", "100000")
    return numpy.array([numpy.argmax(list(row["scores"].values())) for row in rows])


def token_batches(arguments, texts, instances):
    rows = run_prumux(arguments, "tokenize", texts)
    for begin in range(0, len(rows), 8 * instances):
        part = rows[begin : begin + 8 * instances]
        lengths = numpy.array([len(row) for row in part])
        mask = (numpy.arange(lengths.max()) < lengths[:, None]).astype(numpy.int64)
        ids = numpy.zeros_like(mask)
        ids[mask == 1] = numpy.concatenate(part)
        yield ids, mask


def classifier_of(model):
    """The classifier that an engine without one leaves out."""
    tensors = load_file(model / "model.safetensors")
    return lambda pooled: pooled @ tensors["classifier.weight"].T + tensors["classifier.bias"]


def engine_labels(engine, job, batches):
    forward = worker.RUNNERS[engine](job)
    classify = classifier_of(pathlib.Path(job["model"])) if engine == "ctranslate2" else None
    labels = []
    for ids, mask in batches:
        result = forward(ids, mask)
        labels.append((classify(result) if classify else result).argmax(1))
    return numpy.concatenate(labels)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prumux", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for converted models")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="TSV: sentence, label")
    parser.add_argument("--engines", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--max-length", type=int, default=128)
    arguments = parser.parse_args()
    # Engines keep their conversions by the name of the model's folder, which many models share.
    written = (arguments.model / "model.safetensors").stat().st_mtime_ns
    identity = hashlib.sha256(f"{arguments.model.resolve()} {written}".encode()).hexdigest()
    arguments.folder = arguments.folder.resolve() / identity[:8]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((arguments.model / "config.json").read_text())
    instances = config.get("num_instances", 1)
    texts, labels = read_examples(arguments.data, instances)
    batches = list(token_batches(arguments, texts, instances))
    print(f"{len(texts)} texts, {instances} in a pass")
    for engine in arguments.engines:
        if engine == "ctranslate2" and instances > 1:
            continue  # It would leave the multiplexer out.
        plain = None
        for precision in PRECISIONS[engine]:
            job = {
                "model": str(arguments.model),
                "folder": str(arguments.folder),
                "precision": precision,
                "instances": instances,
                "threads": os.cpu_count(),
            }
            try:
                if engine == "prumux":
                    found = prumux_labels(arguments, texts, precision)
                else:
                    found = engine_labels(engine, job, batches)
            except Exception as problem:  # an opponent may refuse a model; the others go on
                print(f"{engine:12} {precision:9} {problem}")
                continue
            plain = found if plain is None else plain
            accuracy, same = (found == labels).mean(), (found == plain).mean()
            print(f"{engine:12} {precision:9} accuracy {accuracy:.4f}, as in float32 {same:.4f}")


if __name__ == "__main__":
    main()
