"""BERT-base checkpoints with random weights: dense, multiplexed, physically pruned."""

import json
import pathlib
import subprocess

import numpy
from safetensors.numpy import save_file

HIDDEN, LAYERS, HEADS, INTERMEDIATE, VOCABULARY, POSITIONS = 768, 12, 12, 3072, 30522, 512
HEAD_SIZE = HIDDEN // HEADS


def dense_config(instances):
    config = {
        "model_type": "bert",
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INTERMEDIATE,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "pad_token_id": 0,
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "layer_norm_eps": 1e-12,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
    }
    if instances == 1:
        return config | {"architectures": ["BertForSequenceClassification"]}
    return config | {
        "architectures": ["MuxedBertForSequenceClassification"],
        "prumux": {
            "multiplexer": {
                "method": "datamux",
                "num_instances": instances,
                "padding": "masked",
                "parameters": {
                    "muxing_variant": "gaussian_hadamard",
                    "demuxing_variant": "index_pos",
                    "num_hidden_demux_layers": 3,
                },
            }
        },
    }


def dense_tensors(instances, random):
    tensors = {}

    def linear(name, outputs, inputs):
        tensors[name + ".weight"] = random.normal(0, 0.02, (outputs, inputs))
        tensors[name + ".bias"] = random.normal(0, 0.02, outputs)

    def norm(name):
        tensors[name + ".weight"] = 1 + random.normal(0, 0.02, HIDDEN)
        tensors[name + ".bias"] = random.normal(0, 0.02, HIDDEN)

    tables = (("word", VOCABULARY), ("position", POSITIONS), ("token_type", 2))
    for table, rows in tables:
        name = f"bert.embeddings.{table}_embeddings.weight"
        tensors[name] = random.normal(0, 0.02, (rows, HIDDEN))
    norm("bert.embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"bert.encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            linear(prefix + "attention.self." + part, HIDDEN, HIDDEN)
        linear(prefix + "attention.output.dense", HIDDEN, HIDDEN)
        norm(prefix + "attention.output.LayerNorm")
        linear(prefix + "intermediate.dense", INTERMEDIATE, HIDDEN)
        linear(prefix + "output.dense", HIDDEN, INTERMEDIATE)
        norm(prefix + "output.LayerNorm")
    linear("classifier", 2, HIDDEN)
    if instances == 1:
        linear("bert.pooler.dense", HIDDEN, HIDDEN)
        return tensors

    directions = random.normal(0, 1, (instances, HIDDEN))
    tensors["instance_embedding"] = directions / numpy.linalg.norm(
        directions, axis=1, keepdims=True
    )
    tensors["demux_module.demux_instance_embedding"] = random.normal(0, 1, (instances, HIDDEN))
    for layer, inputs in ((1, 2 * HIDDEN), (2, HIDDEN), (3, HIDDEN)):
        linear(f"demux_module.dense_{layer}", HIDDEN, inputs)
        norm(f"demux_module.layer_norm_{layer}")
    for head in ("demultiplexer", "retrieval_head"):
        linear(head + ".pre_decoder", HIDDEN, HIDDEN)
        norm(head + ".pre_decoder_layer_norm")
    tensors["retrieval_head.bias"] = numpy.zeros(VOCABULARY)
    return tensors


def masks(sparsity, random):
    """Ragged layers of the shapes that pruning leaves, `1 - sparsity` of the encoder's weights in all."""
    hidden = round(HIDDEN * (1 - sparsity) ** 0.45)
    share = (1 - sparsity) * HIDDEN / hidden
    weights = random.uniform(0.4, 1.6, LAYERS)
    heads = numpy.clip(numpy.round(HEADS * share * weights / weights.mean()), 1, HEADS).astype(int)
    budget = (1 - sparsity) * LAYERS * (4 * HIDDEN + 2 * INTERMEDIATE) * HIDDEN
    left = budget - 4 * HEAD_SIZE * heads.sum() * hidden
    units = random.uniform(0.2, 1.8, LAYERS)
    units = numpy.clip(units / units.sum() * left / (2 * hidden), 1, INTERMEDIATE).astype(int)

    def kept(counts, total):
        mask = numpy.zeros((LAYERS, total), numpy.float32)
        for layer, count in enumerate(counts):
            mask[layer, random.permutation(total)[:count]] = 1
        return mask

    hidden_mask = numpy.zeros(HIDDEN, numpy.float32)
    hidden_mask[random.permutation(HIDDEN)[:hidden]] = 1
    return {
        "head_z": kept(heads, HEADS),
        "intermediate_z": kept(units, INTERMEDIATE),
        "hidden_z": hidden_mask,
    }


def write(folder, instances, sparsity, prumux):
    """Writes the model of one cell of the grid once; returns its folder."""
    folder = pathlib.Path(folder)
    cell = folder / f"n{instances}_s{round(100 * sparsity):02d}"
    if (cell / "config.json").exists():
        return cell
    random = numpy.random.default_rng(7)
    dense = cell if sparsity == 0 else folder / f"n{instances}_dense"
    dense.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.astype(numpy.float32)
        for name, tensor in dense_tensors(instances, random).items()
    }
    if instances > 1:
        tensors["retrieval_head.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"]
    save_file(tensors, dense / "model.safetensors")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += [f"w{index}" for index in range(len(words), VOCABULARY)]
    (dense / "vocab.txt").write_text("\n".join(words) + "\n")
    (dense / "config.json").write_text(json.dumps(dense_config(instances), indent=2))
    if sparsity > 0:
        save_file(masks(sparsity, random), folder / "masks.safetensors")
        arguments = ["shrink", dense, "--masks", folder / "masks.safetensors", "--out", cell]
        subprocess.run([prumux, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)
    return cell
