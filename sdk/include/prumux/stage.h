#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/export.h"
#include "prumux/parameters.h"
#include "prumux/structure.h"

namespace prumux {

/// What the host knows when it makes a stage; all else comes with `run`.
struct StageArguments {
  Parameters parameters;  ///< The stage's own settings, which stand beside `stage` and `id`.
};

/// The labelled files of a pipeline.
enum class DataSplit {
  training,  ///< `data.train`.
  held_out,  ///< `data.dev`.
};

/// Labelled rows as a model takes them, padded to the longest of them.
struct LabelledRows {
  at::Tensor input_ids;       ///< [R, L] int64.
  at::Tensor attention_mask;  ///< [R, L] int64, 1 for tokens and 0 for padding.
  at::Tensor token_type_ids;  ///< [R, L] int64.
  at::Tensor labels;          ///< [R]: int64 class ids, or float32 scores in a regression.
};

/// A model that a stage reads, runs and changes: the host implements it. One thread at a time.
class PRUMUX_EXPORT StageModel : public ModelView {
 public:
  ~StageModel() override;

  /// Switches dropout on (true) or off; it is off when the host hands the model out.
  virtual void set_training(bool training) = 0;

  /// Runs the rows, any number of them, under `masks`. The result carries gradients unless they are
  /// switched off. With `hidden_states` every layer's output is recorded. Throws `DataError` when
  /// a mask does not fit.
  virtual ForwardRecord forward(const LabelledRows& rows, const StructureMasks& masks,
                                bool hidden_states) = 0;

  /// Physical pruning: afterwards the outputs equal those under the masks of `plan` to 1e-5 in
  /// float32, and `parameters` are others. Throws `DataError` when the plan does not fit.
  virtual void prune(const PrunePlan& plan) = 0;
};

/// One cell of the grid with what has been measured in it.
struct CellResult {
  std::map<std::string, std::string> variables;  ///< Name and value of the grid's variables.
  std::map<std::string, double> numbers;         ///< "accuracy", "throughput", "sparsity", ...
};

/// What the host offers a stage while it runs: the host implements it.
class PRUMUX_EXPORT StageContext {
 public:
  virtual ~StageContext();

  /// The id of the stage in the pipeline.
  virtual std::string id() const = 0;

  /// The stage's own folder, absolute. It holds what an interrupted run has left there; nobody else
  /// writes to it.
  virtual std::filesystem::path folder() const = 0;

  /// `seed` of the pipeline. libtorch's default generator has been seeded with it.
  virtual std::int64_t seed() const = 0;

  /// The model of the stage under `from`, of the nearest earlier stage, or else the one that the
  /// pipeline starts with; a new copy at each call. Only with PRUMUX_READS_MODEL.
  virtual std::shared_ptr<StageModel> model() = 0;

  /// The model of the stage under `teacher`. Only with PRUMUX_NEEDS_TEACHER.
  virtual std::shared_ptr<StageModel> teacher() = 0;

  /// Leaves `model`, which must be one that this context handed out, as the stage's result. Only
  /// with PRUMUX_WRITES_MODEL, once. Throws `IoError`.
  virtual void save(const StageModel& model) = 0;

  /// Calls `consume` with all rows of a file, in its order, `rows` at a time (at least 1). Only
  /// with PRUMUX_READS_TRAINING_DATA or PRUMUX_READS_HELD_OUT_DATA. Throws `DataError`.
  virtual void read(DataSplit split, std::int64_t rows,
                    const std::function<void(const LabelledRows&)>& consume) = 0;

  /// The cells of the grid with what was measured in them: complete for a stage with
  /// PRUMUX_RUNS_AFTER_CELLS.
  virtual std::vector<CellResult> cells() const = 0;

  /// A line for the user, on standard error under the stage's id.
  virtual void log(const std::string& line) = 0;

  /// To be called now and then by long work, outside of writing: throws `Interrupted`, which must
  /// pass through, when the user has asked to stop. `step` is what the user is told when the stage
  /// fails later on.
  virtual void at_step(std::int64_t step) = 0;
};

/// A stage of a pipeline: `- {stage: NAME, id: ..., PARAMETER: VALUE, ...}`. What it reads and
/// writes are flags of its descriptor (`PrumuxCapability`). Its result is reused while its
/// parameters, inputs, data and version are the same, so it must be a function of these alone. One
/// thread.
class PRUMUX_EXPORT Stage {
 public:
  virtual ~Stage();

  /// Does the work and returns its numbers; "accuracy", "throughput" and "sparsity" go into the
  /// table of cells. An interrupted stage is run again, with its folder as it was left.
  virtual std::map<std::string, double> run(StageContext& context) = 0;
};

}  // namespace prumux
