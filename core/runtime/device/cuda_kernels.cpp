#include "core/runtime/device/cuda_kernels.h"

#include <dlfcn.h>
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

/// Calls one of the library's functions, which take room for the reason of a failure at the end.
template <typename... Parameters, typename... Arguments>
void call(const char* what, int (*function)(Parameters...), Arguments... arguments) {
  ErrorText error{};
  if (function(arguments..., error.data(), static_cast<std::uint32_t>(error.size())) == 0) return;
  throw NumericError(fmt::format("{} on the GPU failed: {}", what, error.data()));
}

class CudaRecording final : public RecordedWork {
 public:
  CudaRecording(const PrumuxCudaV1& functions, const std::function<void()>& work)
      : functions_(functions), recording_(nullptr, functions.destroy) {
    PrumuxRecording* begun = nullptr;
    call("recording", functions.begin_recording, &begun);
    recording_.reset(begun);
    try {
      work();
    } catch (...) {
      // What the work threw says more than what the end of its recording would.
      ErrorText ignored{};
      functions.end_recording(begun, ignored.data(), static_cast<std::uint32_t>(ignored.size()));
      throw;
    }
    call("recording", functions.end_recording, begun);
  }

  void start() const override {
    call("recorded work", functions_.start_recorded, recording_.get());
  }

 private:
  const PrumuxCudaV1& functions_;
  std::unique_ptr<PrumuxRecording, void (*)(PrumuxRecording*)> recording_;
};

class CudaKernels final : public RowKernels {
 public:
  CudaKernels(boost::dll::shared_library library, const PrumuxCudaV1& functions)
      : library_(std::move(library)), functions_(functions) {}

  void mix(const MixView& view) const override { call("mixing", functions_.mix, &view); }
  void separate(const SeparationView& view) const override {
    call("separating", functions_.separate, &view);
  }
  void add(const AdditionView& view) const override {
    call("adding a layer's result", functions_.add, &view);
  }
  std::unique_ptr<const RecordedWork> record(const std::function<void()>& work) const override {
    return std::make_unique<CudaRecording>(functions_, work);
  }
  bool on_gpu() const override { return true; }
  std::string name() const override {
    ErrorText text{};
    call("asking for its name", functions_.device_name, text.data(),
         static_cast<std::uint32_t>(text.size()));
    return text.data();
  }

 private:
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
    const char* reason = ::dlerror();
    throw ConfigError(fmt::format(
        "cannot load '{}': {}; the CUDA libraries of the torch wheel and the NVIDIA driver must be "
        "installed",
        path.string(), reason != nullptr ? reason : code.message()));
  }
  const auto& functions = library.get<const PrumuxCudaV1>("prumux_cuda_v1");
  ErrorText error{};
  if (functions.device_count(error.data(), error.size()) <= 0) {
    throw ConfigError(fmt::format("there is no GPU that can be used: {}", error.data()));
  }
  return std::make_shared<CudaKernels>(std::move(library), functions);
}

}  // namespace prumux::runtime
