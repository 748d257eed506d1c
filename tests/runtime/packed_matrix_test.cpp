#include "core/runtime/kernels/packed_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/runtime/kernels/aligned_buffer.h"

namespace prumux::runtime::kernels {
namespace {

TEST(PackedMatrix, RoundsToTheNearestHalf) {
  const std::pair<float, std::uint16_t> halves[] = {
      {0.0F, 0x0000},       {-0.0F, 0x8000},           {1.0F, 0x3C00},
      {-0.5F, 0xB800},      {0.333251953125F, 0x3555}, {1.0F / 3, 0x3555},
      {0x1p-14F, 0x0400},   {0x1p-24F, 0x0001},        {0x1p-25F, 0x0000},
      {0x1.8p-24F, 0x0002}, {0x1.FFFp-15F, 0x0400},    {1e-30F, 0x0000}};
  for (const auto& [value, half] : halves) EXPECT_EQ(to_float16(value), half) << value;
}

TEST(PackedMatrix, KeepsWhatIsNoNumberWhenItQuantises) {
  const float weight[] = {1.0F, std::nanf(""), 3.0F};
  const MatrixRows part{weight, nullptr, 1, 3};
  const PackedMatrix matrix({&part, 1}, 3, NumberFormat::int8);
  EXPECT_TRUE(std::isnan(matrix.scales()[0]));
}

TEST(AlignedBuffer, GrowsOnBordersAndIsZeroAgain) {
  AlignedBuffer<float> buffer;
  for (const std::size_t size : {std::size_t{10}, std::size_t{100}, std::size_t{1} << 20U}) {
    float* const data = buffer.reserve(size);
    EXPECT_GE(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 64, 0U);
    EXPECT_TRUE(std::all_of(data, data + size, [](float value) { return value == 0.0F; }));
    data[size - 1] = 1.0F;
    EXPECT_EQ(buffer.reserve(size / 2), data);
  }
}

TEST(PackedMatrix, RoundsBfloat16ToTheNearestEvenNumber) {
  EXPECT_EQ(to_bfloat16(1.0F), 0x3F80);
  EXPECT_EQ(to_bfloat16(1.00390625F), 0x3F80);  // halfway to the next: to the even one
  EXPECT_EQ(to_bfloat16(1.01171875F), 0x3F82);
  EXPECT_EQ(to_bfloat16(-2.0F), 0xC000);
  EXPECT_EQ(to_bfloat16(std::nanf("")) & 0x7FC0, 0x7FC0);
}

}  // namespace
}  // namespace prumux::runtime::kernels
