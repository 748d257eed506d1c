#include "core/runtime/device/cuda_kernels.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <filesystem>
#include <system_error>

#include "core/runtime/cuda/cuda_library.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

namespace fs = std::filesystem;

using ErrorText = std::array<char, 1024>;

class CudaKernels final : public RowKernels {
 public:
  CudaKernels(boost::dll::shared_library library, const PrumuxCudaV1& functions)
      : library_(std::move(library)), functions_(functions) {}

  void mix(const MixView& view) const override { check(functions_.mix, view, "mixing"); }
  void separate(const SeparationView& view) const override {
    check(functions_.separate, view, "separating");
  }

 private:
  template <typename View>
  static void check(int (*function)(const View*, char*, std::uint32_t), const View& view,
                    const char* what) {
    ErrorText error{};
    if (function(&view, error.data(), error.size()) == 0) return;
    throw NumericError(fmt::format("{} on the GPU failed: {}", what, error.data()));
  }

  boost::dll::shared_library library_;
  const PrumuxCudaV1& functions_;
};

fs::path library_path() {
  std::error_code problem;
  const fs::path program = boost::dll::program_location(problem);
  return program.parent_path().parent_path() / "lib" / "prumux" / "libprumux_cuda.so";
}

}  // namespace

std::shared_ptr<const RowKernels> load_cuda_kernels() {
  const fs::path path = library_path();
  std::error_code problem;
  if (!fs::exists(path, problem)) {
    throw ConfigError(
        fmt::format("this build of prumux runs on the CPU only ('{}' is not there); build it with "
                    "'./dev build cuda', or leave out the device",
                    path.string()));
  }
  boost::dll::fs::error_code code;
  boost::dll::shared_library library;
  library.load(path.string(), code);
  if (code) {
    throw ConfigError(fmt::format(
        "cannot load '{}': {}; the CUDA libraries of the torch wheel and the NVIDIA driver must be "
        "installed",
        path.string(), code.message()));
  }
  const auto& functions = library.get<const PrumuxCudaV1>("prumux_cuda_v1");
  ErrorText error{};
  if (functions.device_count(error.data(), error.size()) <= 0) {
    throw ConfigError(fmt::format("there is no GPU that can be used: {}", error.data()));
  }
  return std::make_shared<CudaKernels>(std::move(library), functions);
}

}  // namespace prumux::runtime
