"""Compares `prumux bench --device cuda` with PyTorch on the same GPU and the same models.

    python benchmarks/compare_cuda.py --prumux build/cuda/bin/prumux --folder /tmp/comparison

Needs numpy, safetensors and torch with CUDA. Checks every model's logits against PyTorch's, then
times both in turns. PyTorch has its inputs on the GPU already and is taken at its best: eager or as
a CUDA graph, at each of several batch sizes; prumux reads token ids from the CPU and brings the
logits back. Writes models (6 GB) and results.json into the folder and prints a table.
"""

import argparse
import json
import multiprocessing
import pathlib
import statistics
import subprocess
import time

import numpy
import torch
from safetensors.numpy import load_file, save_file

from comparison import checkpoints
from comparison.torch_model import Classifier

LENGTH = 128
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def write_model(arguments):
    """In a folder of its own, so that many are written at a time."""
    folder, instances, sparsity, prumux = arguments
    name = f"n{instances}_s{round(100 * sparsity):02d}"
    return checkpoints.write(pathlib.Path(folder) / name, instances, sparsity, prumux)


def token_ids(rows, random):
    ids = random.integers(1000, 30000, (rows, LENGTH))
    ids[:, 0] = 101
    return ids


def largest_difference(model, instances, prumux, folder):
    """Of the logits from PyTorch's in float32 on texts of different lengths, by precision; relative."""
    random = numpy.random.default_rng(5)
    rows = 6 * instances
    ids = token_ids(rows, random)
    # The texts of a group are of one length: PyTorch's model attends to what any of them has.
    lengths = random.integers(LENGTH // 2, LENGTH + 1, 6).repeat(instances)
    mask = (numpy.arange(LENGTH) < lengths[:, None]).astype(numpy.int64)
    ids *= mask
    inputs, outputs = folder / "inputs.safetensors", folder / "outputs.safetensors"
    save_file({"input_ids": ids, "attention_mask": mask}, inputs)
    reference = Classifier(model).eval().cuda()
    with torch.inference_mode():
        expected = reference(torch.from_numpy(ids).cuda(), torch.from_numpy(mask).cuda())
    expected = expected.float().cpu().numpy()
    differences = {}
    for precision in TYPES:
        command = [prumux, "forward", model, "--inputs", inputs, "--outputs", outputs]
        command += ["--device", "cuda", "--dtype", precision]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        logits = load_file(outputs)["logits"]
        differences[precision] = float(
            numpy.abs(logits - expected).max() / numpy.abs(expected).max()
        )
    return differences


def record(run, *inputs):
    """`run` as a CUDA graph, after the warm-up that recording needs."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run(*inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run(*inputs)
    return graph.replay


def examples_per_second(run, rows, seconds):
    run()
    torch.cuda.synchronize()
    rates = []
    for _ in range(3):
        done, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < seconds:
            for _ in range(2):
                run()
            torch.cuda.synchronize()
            done += 2 * rows
        rates.append(done / (time.perf_counter() - begin))
    return statistics.median(rates)


@torch.inference_mode()
def time_pytorch(folder, instances, precision, row_counts, seconds):
    """The best rate, and how it was reached."""
    model = Classifier(folder).eval().cuda().to(TYPES[precision])
    random = numpy.random.default_rng(3)
    best = (0.0, "")
    for rows in row_counts:
        count = max(rows // instances, 1) * instances
        ids = torch.from_numpy(token_ids(count, random)).cuda()
        mask = torch.ones_like(ids)
        run = lambda: model(ids, mask, padded=False)  # noqa: E731
        for name, timed in (("eager", run), ("graph", record(run))):
            rate = examples_per_second(timed, count, seconds)
            best = max(best, (rate, f"{name}, {count} rows"))
    return best


def time_prumux(folder, instances, precision, row_counts, rounds, prumux):
    best = (0.0, "")
    for rows in row_counts:
        groups = max(rows // instances, 1)
        command = [prumux, "bench", folder, "--device", "cuda", "--dtype", precision]
        command += ["--length", LENGTH, "--groups", groups, "--rounds", rounds]
        output = subprocess.run(
            list(map(str, command)), check=True, capture_output=True, text=True
        ).stdout
        rate = json.loads(output)["examples_per_second"]["median"]
        best = max(best, (rate, f"{groups * instances} rows"))
    return best


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prumux", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--instances", type=int, nargs="+", default=[1, 2, 5, 10])
    parser.add_argument("--sparsity", type=float, nargs="+", default=[0.0, 0.6, 0.8, 0.95])
    parser.add_argument("--precision", nargs="+", choices=list(TYPES), default=list(TYPES))
    parser.add_argument("--rows", type=int, nargs="+", default=[1024, 4096], help="of a batch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.2, help="of a round of PyTorch")
    return parser.parse_args()


def main():
    options = parse_arguments()
    prumux = options.prumux.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    cells = [(n, s) for n in options.instances for s in options.sparsity]
    with multiprocessing.get_context("spawn").Pool(min(len(cells), 16)) as pool:
        jobs = [(options.folder, *cell, prumux) for cell in cells]
        models = dict(zip(cells, pool.map(write_model, jobs), strict=True))

    results = {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__, "cells": []}
    for (instances, sparsity), model in models.items():
        cell = {"instances": instances, "sparsity": sparsity}
        cell["difference"] = largest_difference(model, instances, prumux, options.folder)
        print(f"N = {instances}, s = {sparsity}: difference {cell['difference']}", flush=True)
        for precision in options.precision:
            theirs = time_pytorch(model, instances, precision, options.rows, options.seconds)
            torch.cuda.empty_cache()
            ours = time_prumux(model, instances, precision, options.rows, options.rounds, prumux)
            cell[precision] = {"prumux": ours, "pytorch": theirs}
            print(f"  {precision}: {cell[precision]}", flush=True)
        results["cells"].append(cell)
        (options.folder / "results.json").write_text(json.dumps(results, indent=2))

    for precision in options.precision:
        dense = next(
            (c[precision]["pytorch"][0] for c in results["cells"] if c["sparsity"] == 0), None
        )
        print(f"\n{results['gpu']}, {precision}: examples/s (x PyTorch dense; x PyTorch same model)")
        for cell in results["cells"]:
            ours, theirs = cell[precision]["prumux"][0], cell[precision]["pytorch"][0]
            print(
                f"N = {cell['instances']:2}, s = {cell['sparsity']:.2f}: {ours:12,.0f} "
                f"({ours / dense:6.1f}; {ours / theirs:5.2f})   PyTorch {theirs:12,.0f}"
            )


if __name__ == "__main__":
    main()
