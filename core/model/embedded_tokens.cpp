#include "core/model/embedded_tokens.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/model/dropout.h"
#include "core/model/first_derivative.h"
#include "core/model/norm_loops.h"
#include "core/model/row_norm.h"

namespace prumux::model {
namespace {

/// Columns that one thread adds to the tables' gradients.
constexpr std::int64_t kColumnsPerTask = 64;

/// Reads a token's row of a table.
class TableRows {
 public:
  TableRows(const at::Tensor& table, const at::Tensor& places)
      : rows_(table.const_data_ptr<float>()),
        width_(table.size(1)),
        places_(places.defined() ? places.const_data_ptr<std::int64_t>() : nullptr) {}

  std::int64_t place(std::int64_t token) const { return places_ == nullptr ? 0 : places_[token]; }
  const float* row(std::int64_t token) const { return rows_ + place(token) * width_; }

 private:
  const float* rows_;
  std::int64_t width_;
  const std::int64_t* places_;
};

/// The tokens' three rows of a batch.
struct Rows {
  TableRows words;
  TableRows positions;
  TableRows types;

  void sum(std::int64_t token, std::int64_t width, float* result) const {
    std::copy_n(words.row(token), width, result);
    add_row(types.row(token), width, result);
    add_row(positions.row(token), width, result);
  }
};

struct TableGradients {
  at::Tensor word;
  at::Tensor position;
  at::Tensor type;
};

/// Each thread has columns of its own and takes the tokens in their order, so that the sums are the
/// same for any number of threads.
void add_to_tables(const at::Tensor& gradient, const Rows& rows, std::int64_t padding_word,
                   std::int64_t padding_position, TableGradients& tables) {
  const std::int64_t width = tables.word.size(1);
  const std::int64_t tokens = gradient.size(0);
  const float* const from = gradient.const_data_ptr<float>();
  float* const word = tables.word.mutable_data_ptr<float>();
  float* const position = tables.position.mutable_data_ptr<float>();
  float* const type = tables.type.mutable_data_ptr<float>();
  at::parallel_for(0, width, kColumnsPerTask, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t count = end - begin;
    for (std::int64_t token = 0; token < tokens; ++token) {
      const float* const row = from + token * width + begin;
      const auto add_to = [&](float* table, std::int64_t place, std::int64_t padding_place) {
        if (place != padding_place) add_row(row, count, table + place * width + begin);
      };
      add_to(word, rows.words.place(token), padding_word);
      add_to(position, rows.positions.place(token), padding_position);
      add_to(type, rows.types.place(token), -1);
    }
  });
}

class EmbedTokens : public torch::autograd::Function<EmbedTokens> {
 public:
  using Optional = std::optional<at::Tensor>;

  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& word,
                            const at::Tensor& position, const at::Tensor& type,
                            const at::Tensor& weight, const at::Tensor& bias,
                            const at::Tensor& words, const at::Tensor& positions,
                            const Optional& types, std::int64_t padding_word,
                            std::int64_t padding_position, double eps, double dropout_probability) {
    const at::Tensor type_places = types.value_or(at::Tensor());
    const DropoutDraw dropped(dropout_probability);
    const RowNorm norm(weight, bias, words.numel());
    const Rows rows = {{word, words}, {position, positions}, {type, type_places}};
    const std::int64_t width = norm.width();
    at::Tensor result = at::empty({words.size(0), words.size(1), width}, weight.options());
    float* const to = result.mutable_data_ptr<float>();
    const at::Tensor moments = norm.forward(
        eps, [&](std::int64_t token, float* row, float*) { rows.sum(token, width, row); },
        [](std::int64_t, float* scratch) { return scratch; },
        [&](std::int64_t token, const float* normal) {
          dropped.apply(normal, width, token * width, to + token * width);
        });
    context->save_for_backward(
        {word, position, type, weight, bias, words, positions, type_places, moments});
    context->saved_data["padding word"] = padding_word;
    context->saved_data["padding position"] = padding_position;
    context->saved_data["dropout"] = dropped.save();
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& given) {
    require_first_derivative();
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const DropoutDraw dropped = DropoutDraw::load(context->saved_data["dropout"]);
    const at::Tensor gradient = given[0].contiguous();
    const float* const from = gradient.const_data_ptr<float>();
    const at::Tensor& word = saved[0];
    const at::Tensor& position = saved[1];
    const at::Tensor& type = saved[2];
    const at::Tensor& weight = saved[3];
    const at::Tensor& bias = saved[4];
    const at::Tensor& words = saved[5];
    const at::Tensor& positions = saved[6];
    const at::Tensor& types = saved[7];
    const at::Tensor& moments = saved[8];
    const RowNorm norm(weight, bias, words.numel());
    const Rows rows = {{word, words}, {position, positions}, {type, types}};
    const std::int64_t width = norm.width();

    at::Tensor of_sums = at::empty({words.numel(), width}, gradient.options());
    float* const to = of_sums.mutable_data_ptr<float>();
    const RowNorm::Gradients of_norm = norm.backward(
        moments, [&](std::int64_t token, float* row, float*) { rows.sum(token, width, row); },
        [&](std::int64_t token, float* scratch) {
          const std::int64_t first = token * width;
          dropped.apply(from + first, width, first, scratch);
          return scratch;
        },
        [&](std::int64_t token) { return to + token * width; },
        [](std::int64_t, const float*, float*) {});

    TableGradients tables = {at::zeros_like(word), at::zeros_like(position), at::zeros_like(type)};
    add_to_tables(of_sums, rows, context->saved_data["padding word"].toInt(),
                  context->saved_data["padding position"].toInt(), tables);
    return {tables.word,  tables.position, tables.type,  of_norm.weight,
            of_norm.bias, at::Tensor(),    at::Tensor(), at::Tensor(),
            at::Tensor(), at::Tensor(),    at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor embed_tokens(const EmbeddingTables& tables, const TokenPlaces& places, double eps,
                        double dropout_probability) {
  const auto types = places.types.defined() ? std::optional(places.types) : std::nullopt;
  return EmbedTokens::apply(tables.word.contiguous(), tables.position.contiguous(),
                            tables.token_type.contiguous(), tables.norm.weight, tables.norm.bias,
                            places.words, places.positions, types, places.padding_word,
                            places.padding_position, eps, dropout_probability);
}

}  // namespace prumux::model
