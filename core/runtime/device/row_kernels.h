#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace prumux::runtime {

/// Storage of hidden states and large tables; everything small stays in float32.
enum class Storage { float32, float16, bfloat16 };

/// LayerNorm's scale and shift, float32.
struct NormView {
  const float* weight = nullptr;  ///< Null: no LayerNorm.
  const float* bias = nullptr;
  float epsilon = 0.0F;
};

/// First embedding pass, product with the instances' vectors, mean, second pass: for B groups of N
/// instances and L positions, d columns of the first pass and d' of the second. One pass over the
/// tables; no [B, N, L, d] tensor. Pointers are to memory of the kernels' device.
struct MixView {
  std::int64_t groups = 0;                  ///< B.
  std::int64_t instances = 0;               ///< N.
  std::int64_t length = 0;                  ///< L.
  std::int64_t columns = 0;                 ///< d.
  std::int64_t mixed_columns = 0;           ///< d', at most d.
  const std::int64_t* input_ids = nullptr;  ///< [B*N, L].
  const std::int64_t* positions = nullptr;  ///< [B*N, L], rows of the position table.
  const std::uint8_t* counted = nullptr;    ///< [B*N, L]; null: every instance counts.
  const void* word = nullptr;               ///< [V, d] in `storage`.
  const void* position = nullptr;           ///< [P, d] in `storage`.
  const float* token_type = nullptr;        ///< [d].
  NormView first_norm;                      ///< [d].
  const float* factors = nullptr;           ///< [N, d]; zero where a column is not kept.
  const std::int64_t* kept = nullptr;       ///< [d'] columns of the first pass; null: all.
  float normalisation = 1.0F;               ///< As `MixForm::normalisation`.
  const float* second_offsets = nullptr;    ///< [L, d'], position and type of the second pass.
  NormView second_norm;                     ///< [d'].
  std::int64_t stride = 0;                  ///< Columns of the result, at least d'.
  void* mixed = nullptr;               ///< [B, L, stride] in `storage`; the result, then zeros.
  Storage storage = Storage::float32;  ///< Of the large tables and the result.
};

/// z = norm(activation(a + k + o)): the elementwise part of `SeparationForm`, for B groups, N
/// instances and d columns.
struct SeparationView {
  std::int64_t groups = 0;         ///< B.
  std::int64_t instances = 0;      ///< N.
  std::int64_t columns = 0;        ///< d.
  const void* token = nullptr;     ///< a, [B, d] in `storage`, or [B, N, d] with `token_each`.
  bool token_each = false;         ///< Whether each instance has its own a.
  const void* key = nullptr;       ///< k, [B, N, d] in `storage`; null: none.
  const float* offsets = nullptr;  ///< o, [N, d].
  int activation = 0;              ///< As `prumux::Activation`.
  NormView norm;                   ///< [d], or [N, d] with `norm_each`.
  bool norm_each = false;          ///< Whether each instance has its own LayerNorm.
  void* separated = nullptr;       ///< [B, N, d] in `storage`; the result.
  Storage storage = Storage::float32;
};

/// result = norm(residual + update) of d columns a row.
struct AdditionView {
  std::int64_t rows = 0;
  std::int64_t columns = 0;        ///< d.
  std::int64_t stride = 0;         ///< Columns of the tensors, at least d; the result's rest is 0.
  const void* residual = nullptr;  ///< [rows, stride] in `storage`.
  const void* update = nullptr;    ///< The same.
  NormView norm;                   ///< [stride], zeros behind d.
  void* result = nullptr;          ///< [rows, stride] in `storage`.
  Storage storage = Storage::float32;
};

/// Work that a device has recorded, to be started again with one call.
class RecordedWork {
 public:
  virtual ~RecordedWork() = default;
  /// Starts the work behind all that was started before; it reads and writes the same memory.
  virtual void start() const = 0;
};

/// Where the row kernels run. The tensors of the views are of this place.
class RowKernels {
 public:
  virtual ~RowKernels() = default;
  virtual void mix(const MixView& view) const = 0;
  virtual void separate(const SeparationView& view) const = 0;
  virtual void add(const AdditionView& view) const = 0;
  /// Calls `work` to record, without running it, what it starts here; it must not wait for any of
  /// it. Null where nothing can be recorded.
  virtual std::unique_ptr<const RecordedWork> record(const std::function<void()>& /*work*/) const {
    return nullptr;
  }
  virtual bool on_gpu() const = 0;
  /// What a user calls this place.
  virtual std::string name() const = 0;
};

}  // namespace prumux::runtime
