"""The opponent of pruning_step.cpp: one optimiser step of the pruning stage as the authors' code takes it.

REFERENCE is a checkout of github.com/yushansu/PruMUX; it needs transformers 4.30 and runs on the torch that is there.
Nothing of it is changed: its model, masks, losses and trainer's step are called as its `CoFiTrainer.train` calls them.
"""

import argparse
import json
import math
import sys
import time
import types

import torch

WARMUP = 3

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("reference")
parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
parser.add_argument("--instances", type=int, default=10)
parser.add_argument("--groups", type=int, default=16)
parser.add_argument("--length", type=int, default=64)
parser.add_argument("--sparsity", type=float, default=0.0)
parser.add_argument("--steps", type=int, default=7)
parser.add_argument(
    "--without-labels",
    action="store_true",
    help="spare it the vocabulary-sized head that it computes, and does not use, whenever it is given labels",
)
arguments = parser.parse_args()

# What it imports without using it for a step.
for name in ("black", "wandb"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["black"].main = None
import transformers.file_utils

for name in ("hf_bucket_url", "cached_path"):
    if not hasattr(transformers.file_utils, name):
        setattr(transformers.file_utils, name, None)
sys.path.insert(0, arguments.reference)
from models.l0_module import L0Module
from models.multiplexing_pretraining_bert_prumux import MuxedBertForSequenceClassification
from models.trainer import CoFiTrainer
from transformers import BertConfig
from transformers.modeling_outputs import SequenceClassifierOutput
from utils.cofi_utils import initialize_layer_transformation

transformers.logging.set_verbosity_error()
torch.manual_seed(0)
config = BertConfig(num_labels=2, output_hidden_states=True)
config.update(
    {
        "num_instances": arguments.instances,
        "muxing_variant": "gaussian_hadamard",
        "demuxing_variant": "index_pos",
        "gaussian_hadamard_norm": 1,
        "retrieval_percentage": 1.0,
        "retrieval_loss_coeff": 0,
        "task_loss_coeff": 1,
        "learn_muxing": 0,
        "num_hidden_demux_layers": 3,
        "use_hierarchical_softmax": False,
        "do_layer_distill": True,
        "do_distill": True,
    }
)


def autocast():
    """The precision asked for: of the forward pass and the losses, as in prumux."""
    return torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bfloat16")


def autocast_forward(model):
    forward = model.forward

    def in_precision(*args, **kwargs):
        with autocast():
            output = forward(*args, **kwargs)
        return SequenceClassifierOutput(
            # Its losses take outputs by their number, which depends on whether there is a loss.
            loss=torch.zeros(()) if output.loss is None else output.loss,
            logits=output.logits.float(),
            hidden_states=tuple(states.float() for states in output.hidden_states),
        )

    model.forward = in_precision
    return model


class Step(CoFiTrainer):
    """The trainer without what surrounds a step: data, logging, files."""

    def __init__(self, model, teacher, l0_module):
        self.model, self.teacher_model, self.l0_module = model, teacher, l0_module
        self.args = types.SimpleNamespace(
            learning_rate=5e-5,
            weight_decay=0.0,
            adam_beta1=0.9,
            adam_beta2=0.999,
            adam_epsilon=1e-8,
            warmup_steps=0,
            gradient_accumulation_steps=1,
        )
        self.additional_args = types.SimpleNamespace(
            reg_learning_rate=0.01,
            scheduler_type="linear",
            do_layer_distill=True,
            layer_distill_version=4,
            distill_temp=2.0,
            distill_ce_loss_alpha=0.1,
            distill_loss_alpha=0.9,
        )
        self.optimizer = self.lr_scheduler = self.l0_optimizer = self.lagrangian_optimizer = None
        self.start_prune = True
        self.prepruning_finetune_steps = 0
        self.global_step = 1
        self.create_optimizer_and_scheduler(1000)

    def _prepare_inputs(self, inputs):
        return inputs

    def calculate_distillation_loss(self, *outputs):
        with autocast():
            return super().calculate_distillation_loss(*outputs)

    def run(self, inputs):
        inputs = dict(inputs)
        self.fill_inputs_with_zs(self.l0_module.forward(training=True), inputs)
        loss = self.training_step(self.model, inputs)["loss"]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.l0_optimizer.step()
        self.lagrangian_optimizer.step()
        self.lr_scheduler.step()
        self.l0_module.constrain_parameters()
        for what in (self.model, self.l0_module, self.optimizer, self.l0_optimizer, self.lagrangian_optimizer):
            what.zero_grad()
        self.global_step += 1
        return loss.item()


def l0_module():
    module = L0Module(config, lagrangian_warmup=200, target_sparsity=arguments.sparsity)
    if arguments.sparsity > 0:
        for log_alpha in (module.head_loga, module.int_loga):
            kept = round((1 - arguments.sparsity) * log_alpha.shape[1])
            log_alpha.data.fill_(math.log(1e-2))
            log_alpha.data[:, :kept] = math.log(1e2)
    return module


student = MuxedBertForSequenceClassification(config)
initialize_layer_transformation(student)
teacher = MuxedBertForSequenceClassification(config).eval()
step = Step(autocast_forward(student), autocast_forward(teacher), l0_module())
rows = arguments.instances * arguments.groups
inputs = {
    "input_ids": torch.randint(1000, config.vocab_size, (rows, arguments.length)),
    "attention_mask": torch.ones(rows, arguments.length, dtype=torch.int64),
}
if not arguments.without_labels:
    inputs["labels"] = torch.randint(2, (rows,))

times = []
for index in range(WARMUP + arguments.steps):
    begin = time.perf_counter()
    loss = step.run(inputs)
    if index >= WARMUP:
        times.append(1000 * (time.perf_counter() - begin))
assert math.isfinite(loss), loss
times.sort()
print(
    json.dumps(
        {
            "engine": "PruMUX, torch " + torch.__version__,
            "labels": not arguments.without_labels,
            "precision": arguments.precision,
            "threads": torch.get_num_threads(),
            "step_milliseconds": {"min": times[0], "median": times[len(times) // 2], "max": times[-1]},
        }
    )
)
