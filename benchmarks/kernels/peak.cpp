// What the processor multiplies at most, on one thread: operands in registers, one instruction
// behind the other. The limit that the kernels' rates are compared with.

#include <benchmark/benchmark.h>

#include <string>

#include "core/runtime/kernels/kernels.h"

#define PRUMUX_KERNEL_ISA peak
#include "core/runtime/kernels/isa/tile_registers.h"

namespace {

using prumux::runtime::kernels::InstructionSet;

constexpr double kInstructions = 96.0;

/// As many of an instruction, to twelve registers in turn: so many sums do not wait for each other.
/// The assembler replaces \n by the number of a register.
#define PRUMUX_REPEATED(instruction)                                                         \
  asm volatile(".rept 8\n.irp n,0,1,2,3,4,5,6,7,8,9,10,11\n" instruction "\n.endr\n.endr" :: \
                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", \
                     "xmm9", "xmm10", "xmm11", "xmm12", "xmm13")

void multiply_float32_in_avx2() { PRUMUX_REPEATED("vfmadd231ps %%ymm12,%%ymm12,%%ymm\\n"); }
void multiply_float32() { PRUMUX_REPEATED("vfmadd231ps %%zmm12,%%zmm12,%%zmm\\n"); }
void multiply_bfloat16() { PRUMUX_REPEATED("vdpbf16ps %%zmm12,%%zmm12,%%zmm\\n"); }
void multiply_float16() { PRUMUX_REPEATED("vfmadd231ph %%zmm12,%%zmm12,%%zmm\\n"); }
void multiply_int8() { PRUMUX_REPEATED("vpdpbusd %%zmm12,%%zmm12,%%zmm\\n"); }
void multiply_widened_int8() {
  PRUMUX_REPEATED("vpmaddwd %%ymm12,%%ymm12,%%ymm13\nvpaddd %%ymm13,%%ymm\\n,%%ymm\\n");
}

#define PRUMUX_REPEATED_IN_TILES(instruction)               \
  asm volatile(".rept 16\n.irp n,0,1,2,3,4,5\n" instruction \
               " %%tmm7,%%tmm6,%%tmm\\n\n.endr\n.endr" ::)

void multiply_tiled_bfloat16() { PRUMUX_REPEATED_IN_TILES("tdpbf16ps"); }
void multiply_tiled_int8() { PRUMUX_REPEATED_IN_TILES("tdpbusd"); }

struct Peak {
  const char* format;     ///< Of the kernels that it limits.
  InstructionSet needed;  ///< At least.
  double operations;      ///< Of an instruction and of a product.
  void (*run)();
};

constexpr double kTileProducts = 16 * 16 * 16;
// A number in float32 is three bfloat16 in tiles, of whose products six are computed.
constexpr double kPartProducts = 6.0;

/// Where there are two of a format, the faster one first.
constexpr Peak kPeaks[] = {
    {"float32", InstructionSet::avx512, 2 * 16, multiply_float32},
    {"float32", InstructionSet::avx2, 2 * 8, multiply_float32_in_avx2},
    {"bfloat16", InstructionSet::avx512, 2 * 32, multiply_bfloat16},
    {"float16", InstructionSet::avx512_fp16, 2 * 32, multiply_float16},
    {"int8", InstructionSet::avx512, 2 * 64, multiply_int8},
    {"widened_int8", InstructionSet::avx2, 2 * 16, multiply_widened_int8},
    {"tiled_float32", InstructionSet::amx, 2 * 2 * kTileProducts / kPartProducts,
     multiply_tiled_bfloat16},
    {"tiled_bfloat16", InstructionSet::amx, 2 * 2 * kTileProducts, multiply_tiled_bfloat16},
    {"tiled_int8", InstructionSet::amx, 2 * 4 * kTileProducts, multiply_tiled_int8},
};

void measure(benchmark::State& state, const Peak& peak) {
  if (peak.needed == InstructionSet::amx) {
    const prumux::runtime::kernels::peak::TileRegisters registers;
    for (auto _ : state) peak.run();
  } else {
    // Zeros, which no processor takes longer for than for other numbers.
    asm volatile("vzeroall" ::
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13");
    for (auto _ : state) peak.run();
    asm volatile("vzeroupper" ::);
  }
  state.counters["flops"] = benchmark::Counter(kInstructions * peak.operations,
                                               benchmark::Counter::kIsIterationInvariantRate);
}

[[maybe_unused]] const bool kRegistered = [] {
  std::string last;
  for (const Peak& peak : kPeaks) {
    if (peak.format == last || !is_supported(peak.needed)) continue;
    last = peak.format;
    benchmark::RegisterBenchmark((std::string("peak/") + peak.format).c_str(), measure, peak);
  }
  return true;
}();

}  // namespace
