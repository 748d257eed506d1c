#pragma once

#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// The row kernels on the CPU, one row after the other: the check of what runs on a GPU.
class HostRowKernels final : public RowKernels {
 public:
  void mix(const MixView& view) const override;
  void separate(const SeparationView& view) const override;
  void add(const AdditionView& view) const override;
  bool on_gpu() const override { return false; }
  std::string name() const override { return "cpu"; }
};

}  // namespace prumux::runtime
