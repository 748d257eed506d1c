"""The opponent of training_step.cpp: PyTorch's eager mode with transformers' BERT, the same shape and optimiser."""

import argparse
import json
import time

import torch
from transformers import BertConfig, BertForSequenceClassification

ROWS, LENGTH, WARMUP = 64, 32, 3

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
parser.add_argument("--steps", type=int, default=15)
parser.add_argument("--fused", action="store_true", help="torch.optim.AdamW(fused=True)")
arguments = parser.parse_args()

torch.manual_seed(0)
config = BertConfig(
    hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
)
model = BertForSequenceClassification(config).train()
optimizer = torch.optim.AdamW(
    model.parameters(), lr=5e-5, weight_decay=0.0, fused=arguments.fused or None
)
batch = {
    "input_ids": torch.randint(1000, config.vocab_size, (ROWS, LENGTH)),
    "attention_mask": torch.ones(ROWS, LENGTH, dtype=torch.int64),
    "token_type_ids": torch.zeros(ROWS, LENGTH, dtype=torch.int64),
    "labels": torch.randint(2, (ROWS,)),
}

times = []
for step in range(WARMUP + arguments.steps):
    begin = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bfloat16"):
        loss = model(**batch).loss
    loss.item()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if step >= WARMUP:
        times.append(1000 * (time.perf_counter() - begin))
times.sort()
print(
    json.dumps(
        {
            "engine": "torch " + torch.__version__,
            "attention": config._attn_implementation,
            "precision": arguments.precision,
            "fused_optimizer": arguments.fused,
            "threads": torch.get_num_threads(),
            "step_milliseconds": {
                "min": times[0],
                "median": times[len(times) // 2],
                "max": times[-1],
            },
        }
    )
)
