#pragma once

namespace prumux::runtime::kernels {

/// What the kernels are compiled for, slowest first.
enum class InstructionSet {
  portable,
  avx2,         ///< x86-64-v3: AVX2 and FMA.
  avx512,       ///< AVX-512 F, BW, DQ, VL with VNNI and BF16.
  avx512_fp16,  ///< The same, and FP16.
  amx,          ///< As `avx512`, and AMX tiles of bfloat16 and of bytes.
};

/// Whether this machine and its operating system, which lets a process use tiles on demand, can run
/// it.
bool is_supported(InstructionSet instruction_set);

/// Whether it has instructions for products of bfloat16, and for those of bytes.
bool multiplies_short_numbers(InstructionSet instruction_set);

/// Whether it multiplies half-precision numbers, twice as fast as float32.
bool multiplies_halves(InstructionSet instruction_set);

/// Whether it multiplies in tiles, in every precision.
bool multiplies_tiles(InstructionSet instruction_set);

/// The fastest that is supported here.
InstructionSet best_instruction_set();

const char* name_of(InstructionSet instruction_set);

}  // namespace prumux::runtime::kernels
