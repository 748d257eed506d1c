"""Compares `prumux bench` with other engines on the same models, in interleaved rounds.

    python benchmarks/compare.py --prumux build/release/bin/prumux --folder /tmp/comparison

Needs numpy, safetensors, torch and matplotlib; onnxruntime, onnx, openvino, ctranslate2 and
transformers for the opponents of these names. Writes models (2 GB) and results.{json,md,svg} into
the folder: examples per second, the median of all rounds, and prumux's ratio to each opponent.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import numpy
from safetensors.numpy import load_file

from comparison import charts, checkpoints

HERE = pathlib.Path(__file__).resolve().parent

# name: instances, sparsity, precision, real lengths, opponents
CELLS = {
    "dense-float32": (
        1,
        0.0,
        "float32",
        False,
        ["pytorch", "torch.compile", "onnxruntime", "openvino", "ctranslate2"],
    ),
    "dense-bfloat16": (1, 0.0, "bfloat16", False, ["pytorch", "torch.compile", "openvino"]),
    "dense-int8": (1, 0.0, "int8", False, ["onnxruntime", "ctranslate2"]),
    "dense-real-float32": (1, 0.0, "float32", True, ["pytorch", "openvino", "ctranslate2"]),
    "dense-real-int8": (1, 0.0, "int8", True, ["ctranslate2"]),
    "n10-s95-float32": (
        10,
        0.95,
        "float32",
        False,
        ["pytorch", "torch.compile", "onnxruntime", "openvino"],
    ),
    "n10-s95-bfloat16": (10, 0.95, "bfloat16", False, ["pytorch", "torch.compile", "openvino"]),
    "n10-s95-int8": (10, 0.95, "int8", False, ["onnxruntime"]),
    "n10-s95-real-float32": (10, 0.95, "float32", True, []),
    "n10-s95-real-int8": (10, 0.95, "int8", True, []),
} | {
    f"n{instances}-s{round(100 * sparsity):02d}-grid": (
        instances,
        sparsity,
        "float32",
        False,
        ["pytorch"],
    )
    for instances in (1, 2, 5, 10)
    for sparsity in (0.0, 0.6, 0.8, 0.95)
}


def real_lengths(count):
    """Token counts as those of a sentence task: log-normal, mean 25, at most 66."""
    random = numpy.random.default_rng(11)
    return numpy.clip(random.lognormal(3.1, 0.5, count), 4, 66).astype(int).tolist()


class Opponent:
    def __init__(self, job, environment):
        self.job = job
        command = [sys.executable, "-m", "comparison.worker", json.dumps(job)]
        log = pathlib.Path(job["folder"]) / f"{job['engine']}.log"
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=HERE,
                env=environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            lines = log.read_text().strip().splitlines()
            raise RuntimeError(f"{job['engine']}: {lines[-1] if lines else 'no answer'}")

    def measure(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Prumux:
    def __init__(self, program, job, environment):
        self.environment = environment
        self.command = [
            program,
            "bench",
            job["model"],
            "--rounds",
            "3",
            "--dtype",
            job["precision"],
            "--groups",
            str(job["groups"]),
        ]
        if len(job["lengths"]) == 1:
            self.command += ["--length", str(job["lengths"][0])]
        else:
            path = pathlib.Path(job["folder"]) / "lengths.txt"
            path.write_text("".join(f"{length}\n" for length in job["lengths"]))
            self.command += ["--lengths", str(path)]

    def measure(self, seconds):
        result = subprocess.run(
            map(str, self.command),
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        numbers = json.loads(result.stdout)
        return {
            "wall": numbers["examples_per_second"]["median"],
            "cpu": numbers["examples_per_cpu_second"]["median"],
        }


def check_answer(program, job):
    """The opponent must have computed what prumux's training side computes."""
    ours = pathlib.Path(job["folder"]) / "ours.safetensors"
    arguments = ["forward", job["model"], "--inputs", job["answer"], "--outputs", ours]
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)
    expected, answer = load_file(ours)["logits"], load_file(job["answer"])["logits"]
    tolerance = {"float32": 1e-4, "bfloat16": 0.1, "int8": 0.5}[job["precision"]]
    if numpy.abs(expected - answer).max() > tolerance * max(1, numpy.abs(expected).max()):
        raise RuntimeError(f"{job['engine']}: another result than prumux")


def choose_groups(job, environment, candidates, clock):
    """The opponent with the batch size that it likes best."""
    best = None
    for groups in candidates:
        opponent = Opponent(job | {"groups": groups}, environment)
        rate = max(opponent.measure(0.5)[clock] for _ in range(2))
        if best is None or rate > best[0]:
            if best:
                best[1].close()
            best = (rate, opponent)
        else:
            opponent.close()
    return best[1]


def run_cell(name, arguments, environment):
    instances, sparsity, precision, real, engines = CELLS[name]
    model = checkpoints.write(arguments.folder, instances, sparsity, arguments.prumux)
    job = {
        "model": str(model),
        "folder": str(arguments.folder),
        "precision": precision,
        "instances": instances,
        "threads": arguments.threads,
        "groups": 32,
        "lengths": real_lengths(64 * instances) if real else [128],
        "answer": str(arguments.folder / "answer.safetensors"),
    }
    contestants = {"prumux": Prumux(arguments.prumux, job, environment)}
    failures = {}
    for engine in engines:
        if arguments.engines and engine not in arguments.engines:
            continue
        try:
            contestants[engine] = choose_groups(
                job | {"engine": engine}, environment, arguments.batches, arguments.clock
            )
            if engine != "ctranslate2":
                check_answer(arguments.prumux, contestants[engine].job)
        except RuntimeError as problem:
            failures[engine] = str(problem)
    rounds = {engine: [] for engine in contestants}
    for _ in range(arguments.rounds):
        for engine, contestant in contestants.items():
            rounds[engine].append(contestant.measure(arguments.seconds)[arguments.clock])
    result = {"cell": name, "failures": failures, "engines": {}}
    for engine, rates in rounds.items():
        entry = {"median": statistics.median(rates), "best": max(rates), "rounds": rates}
        if engine != "prumux":
            contestants[engine].close()
            entry["groups"] = contestants[engine].job["groups"]
            entry["ratio"] = statistics.median(rounds["prumux"]) / entry["median"]
            entry["ratio_of_best"] = max(rounds["prumux"]) / entry["best"]
        result["engines"][engine] = entry
    return result


def print_row(result):
    parts = [f"prumux {result['engines']['prumux']['median']:.1f}"]
    for engine, entry in result["engines"].items():
        if engine != "prumux":
            parts.append(
                f"{engine} {entry['median']:.1f} (x{entry['ratio']:.2f}, batch {entry['groups']})"
            )
    parts += [f"{engine}: {problem}" for engine, problem in result["failures"].items()]
    print(f"{result['cell']:24}", " | ".join(parts), flush=True)


def table(results):
    engines = charts.engines_of(results)
    lines = ["| model | " + " | ".join(engines) + " |", "| --- " * (1 + len(engines)) + "|"]
    for result in results:
        row = [result["cell"]]
        for engine in engines:
            entry = result["engines"].get(engine)
            ratio = f" ({entry['ratio']:.2f})" if entry and "ratio" in entry else ""
            row.append(f"{charts.rounded(entry['median'])}{ratio}" if entry else "")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prumux", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for models and results")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS), metavar="CELL")
    parser.add_argument("--engines", nargs="+", help="only these opponents")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="of an opponent's round")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[1, 4, 16, 32], help="groups to choose from"
    )
    parser.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="cpu: per second of processor time, for a machine with other work and one thread",
    )
    arguments = parser.parse_args()
    arguments.prumux = arguments.prumux.resolve()
    arguments.folder = arguments.folder.resolve()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads)}
    # The reference's allocations are large; giving them back to the system each time costs it a third.
    environment |= {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296"}
    results = []
    for name in arguments.cells:
        results.append(run_cell(name, arguments, environment))
        print_row(results[-1])
        (arguments.folder / "results.json").write_text(json.dumps(results, indent=2))
    (arguments.folder / "results.md").write_text(table(results))
    charts.draw_comparison(results, arguments.folder / "results.svg")


if __name__ == "__main__":
    main()
