#pragma once

#include <cmath>
#include <cstdint>

#include "core/runtime/device/row_kernels.h"
#include "core/runtime/device/team.h"

namespace prumux::runtime {

/// x [columns] -> its LayerNorm, in place. Two passes: a difference of large sums would not do.
template <typename Team>
PRUMUX_TEAM_CODE void normalise_row(const Team& team, float* x, std::int64_t columns,
                                    const NormView& norm) {
  float sum = 0.0F;
  for (std::int64_t c = team.rank(); c < columns; c += team.size()) sum += x[c];
  const float mean = team.sum(sum) / static_cast<float>(columns);
  float squares = 0.0F;
  for (std::int64_t c = team.rank(); c < columns; c += team.size()) {
    squares += (x[c] - mean) * (x[c] - mean);
  }
  const float variance = team.sum(squares) / static_cast<float>(columns);
  const float scale = 1.0F / sqrtf(variance + norm.epsilon);
  for (std::int64_t c = team.rank(); c < columns; c += team.size()) {
    x[c] = (x[c] - mean) * scale * norm.weight[c] + norm.bias[c];
  }
}

/// x [columns] -> result [stride], its rest zeros.
template <typename T, typename Team>
PRUMUX_TEAM_CODE void write_row(const Team& team, const float* x, std::int64_t columns, T* result,
                                std::int64_t stride) {
  for (std::int64_t c = team.rank(); c < stride; c += team.size()) {
    result[c] = static_cast<T>(c < columns ? x[c] : 0.0F);
  }
}

/// The second pass over what the instances of a position add up to, `sums` [d]. `mixed` [d'] is the
/// team's.
template <typename T, typename Team>
PRUMUX_TEAM_CODE void finish_mix(const Team& team, const MixView& view, std::int64_t row,
                                 std::int64_t counted, const float* sums, float* mixed) {
  const float share = counted == 0 ? 0.0F : powf(static_cast<float>(counted), -view.normalisation);
  const float* const offsets = view.second_offsets + row % view.length * view.mixed_columns;
  for (std::int64_t c = team.rank(); c < view.mixed_columns; c += team.size()) {
    mixed[c] = sums[view.kept != nullptr ? view.kept[c] : c] * share + offsets[c];
  }
  normalise_row(team, mixed, view.mixed_columns, view.second_norm);
  write_row(team, mixed, view.mixed_columns, static_cast<T*>(view.mixed) + row * view.stride,
            view.stride);
}

/// One position of one group: `row` in [0, B*L). `embedded` [d] and `sums` [d] are the team's.
template <typename T, typename Team>
PRUMUX_TEAM_CODE void mix_row(const Team& team, const MixView& view, std::int64_t row,
                              float* embedded, float* sums) {
  const std::int64_t group = row / view.length;
  const std::int64_t place = row % view.length;
  const T* const word = static_cast<const T*>(view.word);
  const T* const position = static_cast<const T*>(view.position);
  for (std::int64_t c = team.rank(); c < view.columns; c += team.size()) sums[c] = 0.0F;

  std::int64_t counted = 0;
  for (std::int64_t instance = 0; instance < view.instances; ++instance) {
    const std::int64_t token = (group * view.instances + instance) * view.length + place;
    if (view.counted != nullptr && view.counted[token] == 0) continue;
    ++counted;
    const T* const word_row = word + view.input_ids[token] * view.columns;
    const T* const position_row = position + view.positions[token] * view.columns;
    for (std::int64_t c = team.rank(); c < view.columns; c += team.size()) {
      embedded[c] = static_cast<float>(word_row[c]) + static_cast<float>(position_row[c]) +
                    view.token_type[c];
    }
    normalise_row(team, embedded, view.columns, view.first_norm);
    const float* const factors = view.factors + instance * view.columns;
    for (std::int64_t c = team.rank(); c < view.columns; c += team.size()) {
      sums[c] += factors[c] * embedded[c];
    }
  }
  team.synchronise();
  finish_mix<T>(team, view, row, counted, sums, embedded);
}

/// One row: `row` in [0, rows). `sums` [d] are the team's.
template <typename T, typename Team>
PRUMUX_TEAM_CODE void add_row(const Team& team, const AdditionView& view, std::int64_t row,
                              float* sums) {
  const T* const residual = static_cast<const T*>(view.residual) + row * view.stride;
  const T* const update = static_cast<const T*>(view.update) + row * view.stride;
  for (std::int64_t c = team.rank(); c < view.columns; c += team.size()) {
    sums[c] = static_cast<float>(residual[c]) + static_cast<float>(update[c]);
  }
  normalise_row(team, sums, view.columns, view.norm);
  write_row(team, sums, view.columns, static_cast<T*>(view.result) + row * view.stride,
            view.stride);
}

PRUMUX_TEAM_CODE float activate(float x, int activation) {
  switch (activation) {
    case 1:
      return 0.5F * x * (1.0F + erff(x * 0.70710678F));
    case 2:
      return tanhf(x);
    case 3:
      return x > 0.0F ? x : 0.0F;
    default:
      return x;
  }
}

/// One instance of one group: `row` in [0, B*N). `features` [d] are the team's.
template <typename T, typename Team>
PRUMUX_TEAM_CODE void separate_row(const Team& team, const SeparationView& view, std::int64_t row,
                                   float* features) {
  const std::int64_t instance = row % view.instances;
  const std::int64_t token_row = view.token_each ? row : row / view.instances;
  const T* const token = static_cast<const T*>(view.token) + token_row * view.columns;
  const T* const key =
      view.key != nullptr ? static_cast<const T*>(view.key) + row * view.columns : nullptr;
  const float* const offsets = view.offsets + instance * view.columns;
  for (std::int64_t c = team.rank(); c < view.columns; c += team.size()) {
    const float keyed = key != nullptr ? static_cast<float>(key[c]) : 0.0F;
    features[c] = activate(static_cast<float>(token[c]) + keyed + offsets[c], view.activation);
  }
  if (view.norm.weight != nullptr) {
    NormView norm = view.norm;
    if (view.norm_each) {
      norm.weight += instance * view.columns;
      norm.bias += instance * view.columns;
    }
    normalise_row(team, features, view.columns, norm);
  }
  write_row(team, features, view.columns, static_cast<T*>(view.separated) + row * view.columns,
            view.columns);
}

}  // namespace prumux::runtime
