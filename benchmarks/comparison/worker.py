"""One opponent in a process of its own: reads a job (JSON) from its arguments, writes 'ready', then
answers each line 'SECONDS' on standard input with what it reached in about that time."""

import json
import os
import pathlib
import sys
import time

import numpy


def batches(job):
    """Input ids and masks [rows, length], sorted by length where lengths differ."""
    random = numpy.random.default_rng(3)
    rows = job["groups"] * job["instances"]
    lengths = sorted(job["lengths"])
    if len(lengths) == 1:
        lengths = lengths * rows
    lengths = lengths[: len(lengths) // rows * rows]
    for begin in range(0, len(lengths), rows):
        part = numpy.array(lengths[begin : begin + rows])
        mask = (numpy.arange(part.max()) < part[:, None]).astype(numpy.int64)
        ids = random.integers(1000, 30000, mask.shape) * mask
        ids[:, 0] = 101
        yield ids, mask


def torch_runner(job, compiled=False):
    import torch

    from comparison.torch_model import Classifier

    torch.set_num_threads(job["threads"])
    model = Classifier(job["model"]).eval()
    if job["precision"] == "bfloat16":
        model = model.to(torch.bfloat16)
    if job["precision"] == "int8":
        raise SystemExit("no int8 here")
    run = torch.compile(model) if compiled else model

    def forward(ids, mask):
        with torch.inference_mode():
            return run(torch.from_numpy(ids), torch.from_numpy(mask)).float().numpy()

    return forward


def onnx_file(job):
    import torch

    from comparison.torch_model import Classifier

    path = pathlib.Path(job["folder"]) / f"{pathlib.Path(job['model']).name}.onnx"
    if not path.exists():
        rows = 2 * job["instances"]
        example = torch.randint(1000, 30000, (rows, 16))
        axes = {0: "rows", 1: "length"}
        torch.onnx.export(
            Classifier(job["model"]).eval(),
            (example, torch.ones_like(example)),
            str(path),
            input_names=["ids", "mask"],
            output_names=["logits"],
            dynamic_axes={"ids": axes, "mask": axes},
            opset_version=17,
            dynamo=False,
        )
    return path


def onnxruntime_runner(job):
    import onnxruntime

    path = onnx_file(job)
    if job["precision"] == "int8":
        from onnxruntime.quantization import quantize_dynamic

        quantised = path.with_suffix(".int8.onnx")
        if not quantised.exists():
            quantize_dynamic(path, quantised, per_channel=True)
        path = quantised
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]


def openvino_runner(job):
    import openvino

    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[job["precision"]],
        "INFERENCE_NUM_THREADS": job["threads"],
        "PERFORMANCE_HINT": "THROUGHPUT" if job["threads"] > 1 else "LATENCY",
        "NUM_STREAMS": 1,
    }
    request = core.compile_model(str(onnx_file(job)), "CPU", settings).create_infer_request()
    return lambda ids, mask: request.infer({"ids": ids, "mask": mask})[0]


def ctranslate2_runner(job):
    import ctranslate2

    converted = pathlib.Path(job["folder"]) / f"ct2_{pathlib.Path(job['model']).name}"
    if not converted.exists():
        ctranslate2.converters.TransformersConverter(job["model"]).convert(str(converted))
    encoder = ctranslate2.Encoder(
        str(converted),
        compute_type=job["precision"],
        intra_threads=job["threads"],
        inter_threads=1,
    )

    def forward(ids, mask):
        rows = [row[:count].tolist() for row, count in zip(ids, mask.sum(1), strict=True)]
        return numpy.asarray(encoder.forward_batch(rows).pooler_output)

    return forward


RUNNERS = {
    "pytorch": torch_runner,
    "torch.compile": lambda job: torch_runner(job, compiled=True),
    "onnxruntime": onnxruntime_runner,
    "openvino": openvino_runner,
    "ctranslate2": ctranslate2_runner,
}


def main():
    job = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Libraries print what they like; the answers stay clean.
    forward = RUNNERS[job["engine"]](job)
    inputs = list(batches(job))
    for ids, mask in inputs:
        forward(ids, mask)
    if job["engine"] != "ctranslate2":  # That one ends before the classifier.
        from safetensors.numpy import save_file

        ids, mask = inputs[0]
        tensors = {"input_ids": ids, "attention_mask": mask, "logits": forward(ids, mask)}
        save_file(tensors, job["answer"])
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        examples, begin, cpu = 0, time.perf_counter(), time.process_time()
        while time.perf_counter() - begin < float(line):
            for ids, mask in inputs:
                forward(ids, mask)
                examples += len(ids)
        rates = {
            "wall": examples / (time.perf_counter() - begin),
            "cpu": examples / (time.process_time() - cpu),
        }
        print(json.dumps(rates), file=answers, flush=True)


if __name__ == "__main__":
    main()
