#!/usr/bin/env python3
"""Writes small models of Hugging Face with heads for tokens or for words, and what they give, beside this script.

Needs torch, transformers (made with 5.x) and safetensors.
"""
import pathlib

import torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForMaskedLM, BertForTokenClassification, ElectraConfig, ElectraForMaskedLM,
                          ElectraForPreTraining, ElectraForTokenClassification, RobertaConfig, RobertaForMaskedLM,
                          RobertaForTokenClassification)

HERE = pathlib.Path(__file__).parent
SMALL = dict(vocab_size=60, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
             max_position_embeddings=20, initializer_range=0.4)


def write(name, model):
    torch.manual_seed(7)
    model.eval()
    for parameter in model.parameters():
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, mean=0.5, std=0.2)
    ids = torch.randint(5, 60, (3, 8))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    mask[2, 3:] = 0
    ids[mask == 0] = model.config.pad_token_id
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask).logits
    folder = HERE / name
    model.save_pretrained(folder / "model")
    for extra in (folder / "model").glob("*"):
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    save_file({"input_ids": ids, "attention_mask": mask, "logits": logits.contiguous()}, folder / "golden.safetensors")


def main():
    torch.manual_seed(3)
    labels = dict(num_labels=5)
    write("head_bert_tokens", BertForTokenClassification(BertConfig(**SMALL, **labels)))
    write("head_roberta_tokens", RobertaForTokenClassification(RobertaConfig(**SMALL, **labels, type_vocab_size=1)))
    write("head_electra_tokens", ElectraForTokenClassification(ElectraConfig(**SMALL, **labels, embedding_size=8)))
    write("head_electra_discriminator", ElectraForPreTraining(ElectraConfig(**SMALL, embedding_size=8)))
    write("head_bert_words", BertForMaskedLM(BertConfig(**SMALL)))
    write("head_roberta_words", RobertaForMaskedLM(RobertaConfig(**SMALL, type_vocab_size=1)))
    write("head_electra_words", ElectraForMaskedLM(ElectraConfig(**SMALL, embedding_size=8)))


if __name__ == "__main__":
    main()
