"""The same forward pass in PyTorch, as the reference implementation has it: padding computed, every
position in every layer, the instances separated at the first position."""

import json
import math
import pathlib

import torch
from safetensors.torch import load_file
from torch.nn import functional


class Layer(torch.nn.Module):
    def __init__(self, tensors, prefix, head_size, epsilon):
        super().__init__()
        self.head_size = head_size
        self.epsilon = epsilon

        def parameter(name):
            return torch.nn.Parameter(tensors[prefix + name], requires_grad=False)

        def pair(name):
            return torch.nn.ParameterList([parameter(name + ".weight"), parameter(name + ".bias")])

        self.query, self.key, self.value = (
            pair("attention.self." + part) for part in ("query", "key", "value")
        )
        self.attention_output = pair("attention.output.dense")
        self.attention_norm = pair("attention.output.LayerNorm")
        self.intermediate = pair("intermediate.dense")
        self.output = pair("output.dense")
        self.norm = pair("output.LayerNorm")

    def forward(self, x, bias):
        rows, length, _ = x.shape

        def heads(pair):
            joined = functional.linear(x, pair[0], pair[1])
            return joined.reshape(rows, length, -1, self.head_size).transpose(1, 2)

        attended = functional.scaled_dot_product_attention(
            heads(self.query),
            heads(self.key),
            heads(self.value),
            attn_mask=bias,
            scale=1 / math.sqrt(self.head_size),
        )
        attended = attended.transpose(1, 2).reshape(rows, length, -1)
        x = self.add(x, attended, self.attention_output, self.attention_norm)
        inner = functional.gelu(functional.linear(x, self.intermediate[0], self.intermediate[1]))
        return self.add(x, inner, self.output, self.norm)

    def add(self, x, update, dense, norm):
        x = x + functional.linear(update, dense[0], dense[1])
        return functional.layer_norm(x, (norm[0].shape[0],), norm[0], norm[1], self.epsilon)


class Classifier(torch.nn.Module):
    """ids, mask [B * N, L] int64 -> logits [B * N, labels]."""

    def __init__(self, folder):
        super().__init__()
        folder = pathlib.Path(folder)
        config = json.loads((folder / "config.json").read_text())
        tensors = load_file(folder / "model.safetensors")
        multiplexer = config.get("prumux", {}).get("multiplexer")
        self.instances = multiplexer["num_instances"] if multiplexer else 1
        self.epsilon = config["layer_norm_eps"]
        head_size = config["hidden_size"] // config["num_attention_heads"]
        self.layers = torch.nn.ModuleList(
            Layer(tensors, f"bert.encoder.layer.{index}.", head_size, self.epsilon)
            for index in range(config["num_hidden_layers"])
        )
        first = "bert.embeddings."
        again = "second_pass." if "second_pass.LayerNorm.weight" in tensors else first
        for name, tensor in {
            "words": tensors[first + "word_embeddings.weight"],
            "offsets": tensors[first + "position_embeddings.weight"]
            + tensors[first + "token_type_embeddings.weight"][0],
            "norm_weight": tensors[first + "LayerNorm.weight"],
            "norm_bias": tensors[first + "LayerNorm.bias"],
            "offsets_again": tensors[again + "position_embeddings.weight"]
            + tensors[again + "token_type_embeddings.weight"][0],
            "norm_weight_again": tensors[again + "LayerNorm.weight"],
            "norm_bias_again": tensors[again + "LayerNorm.bias"],
            "classifier": tensors["classifier.weight"],
            "classifier_bias": tensors["classifier.bias"],
        }.items():
            self.register_buffer(name, tensor)
        if self.instances == 1:
            self.register_buffer("pooler", tensors["bert.pooler.dense.weight"])
            self.register_buffer("pooler_bias", tensors["bert.pooler.dense.bias"])
            return
        self.register_buffer("vectors", tensors["instance_embedding"])
        kept = tensors.get("instance_kept_hidden")
        kept = kept.flatten().nonzero().squeeze(1) if kept is not None and kept.numel() else None
        self.register_buffer("kept", kept)
        keys = tensors["demux_module.demux_instance_embedding"]
        weight = tensors["demux_module.dense_1.weight"]
        self.register_buffer("hidden_weight", weight[:, keys.shape[1] :].contiguous())
        self.register_buffer(
            "instance_half",
            functional.linear(
                keys, weight[:, : keys.shape[1]], tensors["demux_module.dense_1.bias"]
            ),
        )
        for name in ("demux_module.dense_2", "demultiplexer.pre_decoder"):
            short = name.split(".")[1]
            self.register_buffer(short, tensors[name + ".weight"])
            self.register_buffer(short + "_bias", tensors[name + ".bias"])
        norm = "demultiplexer.pre_decoder_layer_norm"
        self.register_buffer("demux_norm", tensors[norm + ".weight"])
        self.register_buffer("demux_norm_bias", tensors[norm + ".bias"])

    def embed(self, ids, mask):
        rows, length = ids.shape
        x = functional.embedding(ids, self.words) + self.offsets[:length]
        width = self.norm_weight.shape
        x = functional.layer_norm(x, width, self.norm_weight, self.norm_bias, self.epsilon)
        if self.instances == 1:
            return x, mask
        groups = rows // self.instances
        x = x.reshape(groups, self.instances, length, width[0])
        mask = mask.reshape(groups, self.instances, length)
        if self.kept is not None:
            x = x.index_select(3, self.kept)
        present = mask.to(x.dtype).unsqueeze(3)
        shares = present / present.sum(1, keepdim=True).clamp_min(1)
        x = (x * self.vectors.unsqueeze(1) * shares).sum(1) + self.offsets_again[:length]
        x = functional.layer_norm(
            x,
            self.norm_weight_again.shape,
            self.norm_weight_again,
            self.norm_bias_again,
            self.epsilon,
        )
        return x, mask.amax(1)

    def forward(self, ids, mask, padded=True):
        """`padded=False`: every position is a token, and attention needs no bias."""
        x, mask = self.embed(ids, mask)
        bias = ((1 - mask) * -10000.0).to(x.dtype)[:, None, None, :] if padded else None
        for layer in self.layers:
            x = layer(x, bias)
        first = x[:, 0]
        if self.instances == 1:
            features = torch.tanh(functional.linear(first, self.pooler, self.pooler_bias))
        else:
            token = functional.linear(first, self.hidden_weight).unsqueeze(1)
            z = functional.gelu(token + self.instance_half)
            z = z.reshape(ids.shape[0], -1)
            z = functional.gelu(functional.linear(z, self.dense_2, self.dense_2_bias)) + z
            out = functional.gelu(functional.linear(z, self.pre_decoder, self.pre_decoder_bias))
            features = z + functional.layer_norm(
                out, self.demux_norm.shape, self.demux_norm, self.demux_norm_bias, self.epsilon
            )
        return functional.linear(features, self.classifier, self.classifier_bias)
