"""What limits `prumux bench`: its rates over those that the processor and its memory can do.

    python benchmarks/roofline.py --prumux build/release/bin/prumux \\
      --kernels build/release/bin/prumux_bench_kernels --folder /tmp/comparison

Needs numpy, safetensors, torch and matplotlib. Prints a table and writes roofline.{md,svg} into the
folder, with the models of compare.py. The peak is that of multiplications with operands in
registers, on all threads at once; memory is read at least for the encoder's weights, once for each
chunk of positions, and for the rows of the words.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import time

import numpy
from comparison import charts, checkpoints

CELLS = [(1, 0.0), (10, 0.0), (1, 0.95), (10, 0.95)]
LENGTH = 128
WIDTH = checkpoints.HIDDEN
# Positions that go through the encoder together (core/runtime/grouping.cpp).
CHUNK = {"tiled_bfloat16": 512, "tiled_int8": 512}
BYTES = {"float32": 4, "tiled_float32": 6, "int8": 1, "tiled_int8": 1}
PRODUCTS = ["projections", "attention_output", "feed_forward"]


def run_json(command, threads):
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    return json.loads(subprocess.check_output(list(map(str, command)), env=environment))


def peak_rate(kernels, number_format, threads):
    """GFLOP/s of all threads, each of them a process; the best of five times half a second."""
    command = [kernels, f"--benchmark_filter=^peak/{number_format}$", "--benchmark_format=json"]
    command.append("--benchmark_repetitions=5")
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda _: run_json(command, 1), range(threads)))
    return sum(max(run["flops"] for run in answer["benchmarks"]) for answer in answers) / 1e9


def memory_bandwidth(threads, megabytes=512):
    """GB/s that all threads read and write together, copying."""
    sources = [numpy.ones(megabytes << 17) for _ in range(threads)]
    targets = [numpy.zeros_like(source) for source in sources]
    rates = []
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for _ in range(7):
            start = time.perf_counter()
            list(pool.map(numpy.copyto, targets, sources))
            rates.append(2 * threads * sources[0].nbytes / (time.perf_counter() - start) / 1e9)
    return statistics.median(rates)


def bytes_per_example(answer):
    number_format = answer["number_format"]
    weights = answer["encoder_parameters"] * BYTES.get(number_format, 2)
    examples = CHUNK.get(number_format, 256) / LENGTH * answer["instances"]
    words = LENGTH * WIDTH * (4 if answer["precision"] == "float32" else 2)
    return weights / examples + words


def measure(arguments, instances, sparsity, precision):
    model = checkpoints.write(arguments.folder, instances, sparsity, arguments.prumux)
    command = [arguments.prumux, "bench", model, "--length", LENGTH, "--dtype", precision]
    answer = run_json([*command, "--profile"], arguments.threads)
    gigaflops = answer["flops_per_example"] / 1e9
    return {
        "cell": f"({instances}, {sparsity:g})",
        "precision": precision,
        "format": answer["number_format"],
        "per_second": answer["examples_per_second"]["median"],
        "rate": gigaflops * answer["examples_per_second"]["median"],
        "gigaflops": gigaflops,
        "intensity": 1e9 * gigaflops / bytes_per_example(answer),
        "profile": answer["profile"],
    }


def table(points, bandwidth):
    rows = [
        "| model | precision | computed in | examples/s | GFLOP/s | of the peak | peak allows "
        "| memory allows | products | attention | embedding | rest |",
        "| --- " * 12 + "|",
    ]
    for point in points:
        share = point["profile"]
        products = sum(share[part] for part in PRODUCTS)
        rest = 1 - products - share["attention"] - share["embedding"]
        memory = bandwidth * point["intensity"] / point["gigaflops"]
        rows.append(
            f"| {point['cell']} | {point['precision']} | {point['format']} "
            f"| {charts.rounded(point['per_second'])} | {point['rate']:.0f} "
            f"| {point['rate'] / point['peak']:.0%} | {charts.rounded(point['peak'] / point['gigaflops'])} "
            f"| {charts.rounded(memory)} | {products:.0%} | {share['attention']:.0%} "
            f"| {share['embedding']:.0%} | {rest:.0%} |"
        )
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prumux", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--kernels", type=pathlib.Path, required=True, help="prumux_bench_kernels")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for models and results")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    bandwidth = memory_bandwidth(arguments.threads)
    points, peaks = [], {}
    for precision in ("float32", "bfloat16", "int8"):
        for instances, sparsity in CELLS:
            point = measure(arguments, instances, sparsity, precision)
            if point["format"] not in peaks:
                peaks[point["format"]] = peak_rate(
                    arguments.kernels, point["format"], arguments.threads
                )
            points.append(point | {"peak": peaks[point["format"]]})
    rates = ", ".join(f"{name} {peak:,.0f} GFLOP/s" for name, peak in peaks.items())
    text = f"Peaks: {rates}; memory {bandwidth:.1f} GB/s.\n\n{table(points, bandwidth)}"
    print(text)
    (arguments.folder / "roofline.md").write_text(text)
    charts.draw_roofline(points, bandwidth, arguments.folder / "roofline.svg")


if __name__ == "__main__":
    main()
