#pragma once

#include <cstdint>
#include <memory>

#include "core/model/model.h"
#include "core/text/dataset.h"
#include "core/text/task.h"
#include "core/train/batch_source.h"
#include "core/train/objective.h"
#include "core/train/options.h"
#include "core/train/trainer.h"
#include "prumux/compressor.h"

namespace prumux::train {

/// Logits [rows, C] in float32 and labels [rows] of a whole source.
struct Predictions {
  at::Tensor logits;
  at::Tensor labels;
};

/// Runs `model` over pass 0 of `source`, under `masks` unless they are null. In evaluation mode and
/// without gradients.
Predictions predict(model::Model& model, BatchSource& source, const StructureMasks* masks,
                    Precision precision);

/// The task's scores of `dataset` in its order, in batches of `groups_per_batch` groups; the score
/// is the task's main one. With a compressor, under its evaluation masks of the moment.
Evaluator task_evaluator(std::shared_ptr<model::Model> model, const text::Task& task,
                         const text::Dataset& dataset, std::int64_t groups_per_batch,
                         Precision precision, std::shared_ptr<Compressor> compressor = nullptr);

/// The mean loss of `objective` over the first `max_batches` (0: all) of pass 0 of `source`: a
/// score of which lower is better. The metrics are "loss" and the means of the objective's own.
/// `objective` must outlive the evaluator.
Evaluator loss_evaluator(Objective& objective, std::shared_ptr<BatchSource> source,
                         std::int64_t max_batches = 0);

}  // namespace prumux::train
