#include "core/runtime/device/host_row_kernels.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <vector>

#include "core/runtime/device/row_code.h"

namespace prumux::runtime {
namespace {

/// Calls `work` with a value of the type that `storage` names.
template <typename Work>
void with_storage(Storage storage, const Work& work) {
  switch (storage) {
    case Storage::float32:
      return work(float{});
    case Storage::float16:
      return work(c10::Half{});
    case Storage::bfloat16:
      return work(c10::BFloat16{});
  }
}

}  // namespace

void HostRowKernels::mix(const MixView& view) const {
  std::vector<float> embedded(static_cast<std::size_t>(view.columns));
  std::vector<float> sums(embedded.size());
  with_storage(view.storage, [&]<typename T>(T) {
    for (std::int64_t row = 0; row < view.groups * view.length; ++row) {
      mix_row<T>(HostTeam{}, view, row, embedded.data(), sums.data());
    }
  });
}

void HostRowKernels::separate(const SeparationView& view) const {
  std::vector<float> features(static_cast<std::size_t>(view.columns));
  with_storage(view.storage, [&]<typename T>(T) {
    for (std::int64_t row = 0; row < view.groups * view.instances; ++row) {
      separate_row<T>(HostTeam{}, view, row, features.data());
    }
  });
}

void HostRowKernels::add(const AdditionView& view) const {
  std::vector<float> sums(static_cast<std::size_t>(view.columns));
  with_storage(view.storage, [&]<typename T>(T) {
    for (std::int64_t row = 0; row < view.rows; ++row) {
      add_row<T>(HostTeam{}, view, row, sums.data());
    }
  });
}

}  // namespace prumux::runtime
