#include "core/runtime/engine.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <random>

#include "core/model/safetensors.h"
#include "core/plugin/registry.h"
#include "core/runtime/device/cuda_kernels.h"
#include "core/runtime/device/host_row_kernels.h"
#include "golden.h"
#include "prumux/error.h"
#include "tests/support/distance.h"
#include "tests/support/random_ranks.h"

namespace prumux::runtime {
namespace {

using kernels::InstructionSet;
using test::distance;
using testing::HasSubstr;

/// Rows of tokens with a mask. `whole`: what is behind the mask are tokens of the row as well.
struct Rows {
  model::ModelInputs inputs;
  bool whole = false;

  EncodedRows source(std::int64_t padding_id) const {
    std::vector<text::Encoding> encodings;
    for (std::int64_t row = 0; row < inputs.input_ids.size(0); ++row) {
      const std::int64_t length = whole || !inputs.attention_mask.defined()
                                      ? inputs.input_ids.size(1)
                                      : inputs.attention_mask[row].sum().item<std::int64_t>();
      text::Encoding& encoding = encodings.emplace_back();
      for (std::int64_t p = 0; p < length; ++p) {
        encoding.ids.push_back(inputs.input_ids[row][p].item<std::int32_t>());
        encoding.type_ids.push_back(
            inputs.token_type_ids.defined()
                ? static_cast<std::uint8_t>(inputs.token_type_ids[row][p].item<std::int64_t>())
                : 0);
      }
    }
    return {std::move(encodings), static_cast<text::TokenId>(padding_id)};
  }
};

bool attends_to_padding(const model::Model& model) {
  return model.multiplexer() && model.multiplexer()->padding() == PaddingSemantics::attended;
}

Rows golden_rows(const std::string& name, const model::Model& model) {
  const TensorMap tensors = model::read_safetensors(golden_folder(name) / "golden.safetensors");
  const auto find = [&](const std::string& key) {
    const auto found = tensors.find(key);
    return found == tensors.end() ? at::Tensor() : found->second;
  };
  Rows rows{{find("input_ids"), find("attention_mask"), find("token_type_ids")}, false};
  // The reference's padding is attended to, and not always made of padding tokens.
  rows.whole = attends_to_padding(model) && rows.inputs.attention_mask.defined() &&
               rows.inputs.input_ids.ne(model.config().encoder.pad_token_id)
                   .logical_and(rows.inputs.attention_mask.eq(0))
                   .any()
                   .item<bool>();
  return rows;
}

at::Tensor expected_logits(model::Model& model, const model::ModelInputs& inputs) {
  const at::NoGradGuard no_gradient;
  return model.forward(inputs).logits;
}

at::Tensor engine_logits(const std::shared_ptr<model::Model>& model, const Rows& rows,
                         EngineOptions options = {}) {
  options.attended_length = static_cast<std::size_t>(rows.inputs.input_ids.size(1));
  // Groups as the training side forms them: one after the other.
  const bool sorted = model->multiplexer() && !attends_to_padding(*model);
  if (sorted) options.groups_per_batch = 1000;
  return Engine(model, options).logits(rows.source(model->config().encoder.pad_token_id));
}

class EngineOnGoldenModels : public testing::TestWithParam<std::string> {};

std::vector<InstructionSet> supported_instruction_sets() {
  std::vector<InstructionSet> sets = {InstructionSet::portable, InstructionSet::avx2,
                                      InstructionSet::avx512, InstructionSet::avx512_fp16,
                                      InstructionSet::amx};
  std::erase_if(sets, [](InstructionSet set) { return !kernels::is_supported(set); });
  return sets;
}

TEST_P(EngineOnGoldenModels, GivesTheLogitsOfTheTrainingSide) {
  const std::shared_ptr<model::Model> model = golden_model(GetParam());
  const Rows rows = golden_rows(GetParam(), *model);
  const at::Tensor expected = expected_logits(*model, rows.inputs);
  for (const InstructionSet set : supported_instruction_sets()) {
    EngineOptions options;
    options.instruction_set = set;
    EXPECT_LT(distance(engine_logits(model, rows, options), expected), kTolerance)
        << kernels::name_of(set);
  }
}

TEST_P(EngineOnGoldenModels, ComesCloseInFewerBits) {
  const std::shared_ptr<model::Model> model = golden_model(GetParam());
  const Rows rows = golden_rows(GetParam(), *model);
  const at::Tensor expected = expected_logits(*model, rows.inputs);
  const double magnitude = expected.abs().max().item<double>();
  for (const InstructionSet set : supported_instruction_sets()) {
    EngineOptions options;
    options.instruction_set = set;
    options.precision = Precision::bfloat16;
    EXPECT_LT(distance(engine_logits(model, rows, options), expected), 0.05 * magnitude + 0.01)
        << kernels::name_of(set);
    options.precision = Precision::int8;
    EXPECT_LT(distance(engine_logits(model, rows, options), expected), 0.15 * magnitude + 0.03)
        << kernels::name_of(set);
  }
}

TEST(Engine, ComputesInFloat32WhereTheProcessorHasNoBfloat16) {
  const std::shared_ptr<model::Model> model = golden_model("seq_gh_indexpos_n2");
  const Rows rows = golden_rows("seq_gh_indexpos_n2", *model);
  EngineOptions options;
  options.instruction_set = InstructionSet::portable;
  const at::Tensor expected = engine_logits(model, rows, options);
  options.precision = Precision::bfloat16;
  EXPECT_EQ(computed_precision(options), Precision::float32);
  EXPECT_TRUE(engine_logits(model, rows, options).equal(expected));
  options.instruction_set = InstructionSet::avx512;
  EXPECT_EQ(computed_precision(options), Precision::bfloat16);
}

TEST(Engine, TakesTheFormatsThatTheProcessorMultipliesFastest) {
  EngineOptions options;
  options.precision = Precision::int8;
  options.instruction_set = InstructionSet::avx2;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::widened_int8);
  options.instruction_set = InstructionSet::avx512;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::int8);
  options.instruction_set = InstructionSet::amx;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::tiled_int8);
  options.precision = Precision::bfloat16;
  options.instruction_set = InstructionSet::avx512;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::bfloat16);
  options.instruction_set = InstructionSet::avx512_fp16;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::float16);
  options.instruction_set = InstructionSet::amx;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::tiled_bfloat16);
  options.precision = Precision::float32;
  EXPECT_EQ(number_format(options), kernels::NumberFormat::tiled_float32);
}

TEST(Engine, ProjectsEmbeddingsAlsoToTheirOwnWidth) {
  const std::shared_ptr<model::Model> model = golden_model("enc_electra");
  const Rows rows = golden_rows("enc_electra", *model);
  const EncoderConfig& encoder = model->config().encoder;
  ASSERT_LT(encoder.embedding_size, encoder.hidden_size);
  StructureMasks masks;
  masks.hidden = at::zeros({encoder.hidden_size});
  masks.hidden.narrow(0, 0, encoder.embedding_size).fill_(1.0);
  model->prune(PrunePlan::from_masks(masks, encoder));
  EXPECT_LT(distance(engine_logits(model, rows, {}), expected_logits(*model, rows.inputs)),
            kTolerance);
}

TEST(Engine, RunsFactorisedModelsInEveryPrecision) {
  const std::shared_ptr<model::Model> model = golden_model("seq_gh_indexpos_n2");
  const Rows rows = golden_rows("seq_gh_indexpos_n2", *model);
  std::mt19937 random(5);
  model->factorise(test::random_ranks(model->checkpoint_parameters(), 1.0, random));
  const at::Tensor expected = expected_logits(*model, rows.inputs);
  const double magnitude = expected.abs().max().item<double>();
  EngineOptions options;
  EXPECT_LT(distance(engine_logits(model, rows, options), expected), kTolerance);
  options.precision = Precision::bfloat16;
  EXPECT_LT(distance(engine_logits(model, rows, options), expected), 0.05 * magnitude + 0.01);
  options.precision = Precision::int8;
  EXPECT_LT(distance(engine_logits(model, rows, options), expected), 0.15 * magnitude + 0.03);
}

INSTANTIATE_TEST_SUITE_P(Plain, EngineOnGoldenModels,
                         testing::Values("enc_bert", "enc_electra", "enc_roberta"));
INSTANTIATE_TEST_SUITE_P(Multiplexed, EngineOnGoldenModels,
                         testing::Values("seq_gh_indexpos_n2", "seq_gh_indexpos_n2_reg",
                                         "seq_gh_index_n2", "seq_gh_mlp_n2",
                                         "seq_ortho_indexpos_n2", "seq_ortholr_indexpos_n2",
                                         "seq_gattn_indexpos_n2", "seq_gattnv2_indexpos_n2",
                                         "seq_binary_indexpos_n3"));

/// Rows of different lengths, in ascending order.
Rows random_rows(const model::Model& model, std::int64_t count, std::mt19937& random) {
  const std::int64_t positions = 9;
  const at::Tensor ids = at::randint(1, model.config().encoder.vocab_size, {count, positions});
  ids.select(1, 0).fill_(101);
  at::Tensor lengths = at::empty({count, 1}, at::kLong);
  for (std::int64_t row = 0; row < count; ++row) {
    lengths[row] = std::uniform_int_distribution<std::int64_t>(1, positions)(random);
  }
  // Groups are made of similar lengths: sorted rows stay where they are.
  lengths = std::get<0>(lengths.sort(0));
  const at::Tensor mask = lengths.gt(at::arange(positions)).to(at::kLong);
  const at::Tensor padding = at::full_like(ids, model.config().encoder.pad_token_id);
  Rows rows;
  rows.inputs.input_ids = at::where(mask.gt(0), ids, padding).to(at::kLong);
  rows.inputs.attention_mask = mask;
  return rows;
}

StructureMasks random_masks(const EncoderConfig& encoder, std::mt19937& random) {
  const auto chance = [&](double p) { return std::bernoulli_distribution(p)(random); };
  const auto units = [&](std::int64_t rows, std::int64_t columns) {
    at::Tensor mask = at::ones({rows, columns});
    for (std::int64_t row = 0; row < rows; ++row) {
      const double zeros = std::uniform_real_distribution<double>(0.0, 1.0)(random);
      for (std::int64_t column = 0; column < columns; ++column) {
        if (chance(zeros)) mask[row][column] = 0.0;
      }
    }
    return mask;
  };
  StructureMasks masks;
  masks.head = units(encoder.num_hidden_layers, encoder.num_attention_heads);
  masks.intermediate = units(encoder.num_hidden_layers, encoder.intermediate_size);
  masks.head_layer = units(1, encoder.num_hidden_layers).squeeze(0);
  masks.mlp = units(1, encoder.num_hidden_layers).squeeze(0);
  if (chance(0.7)) {
    masks.hidden = units(1, encoder.hidden_size).squeeze(0);
    masks.hidden[0] = 1.0;
  }
  return masks;
}

/// Whether the GPU's code can run the model: instances have vectors.
bool runs_on_an_accelerator(const model::Model& model) {
  if (!model.multiplexer()) return true;
  const auto form = model.multiplexer()->inference_form();
  return form && form->mix && form->mix->factors.dim() == 2 && form->separation;
}

void expect_equal_to_training_side(model::ModelConfig config, unsigned count) {
  config.encoder.initializer_range = 0.15;
  for (unsigned seed = 0; seed < count; ++seed) {
    at::manual_seed(seed);
    std::mt19937 random(seed);
    const auto model = std::make_shared<model::Model>(config);
    model->eval();
    if (seed % 3 == 1) {
      model->factorise(test::random_ranks(model->checkpoint_parameters(), 0.6, random));
    }
    if (seed > 0) {
      model->prune(PrunePlan::from_masks(random_masks(config.encoder, random), config.encoder));
    }
    // An incomplete last group now and then.
    const Rows rows = random_rows(*model, 5 + static_cast<std::int64_t>(seed % 4), random);
    EngineOptions options;
    const std::vector<InstructionSet> sets = supported_instruction_sets();
    options.instruction_set = sets[(seed + seed / 4) % sets.size()];
    const at::Tensor expected = expected_logits(*model, rows.inputs);
    ASSERT_LT(distance(engine_logits(model, rows, options), expected), kTolerance)
        << "seed " << seed;
    if (!runs_on_an_accelerator(*model)) continue;
    options.accelerator = std::make_shared<HostRowKernels>();
    // What fills an incomplete group depends on the batches.
    if (rows.inputs.input_ids.size(0) % model->num_instances() == 0) options.groups_per_batch = 1;
    ASSERT_LT(distance(engine_logits(model, rows, options), expected), kTolerance)
        << "on an accelerator, seed " << seed;
  }
}

TEST(Engine, RunsEveryPrunedPlainModelAsTheTrainingSideDoes) {
  expect_equal_to_training_side(golden_model("prune_cofi_plain")->config(), 60);
}

TEST(Engine, RunsEveryPrunedMultiplexedModelAsTheTrainingSideDoes) {
  for (const char* muxing : {"gaussian_hadamard", "random_ortho", "gaussian_attention"}) {
    for (const char* demuxing : {"index_pos", "index", "mlp"}) {
      for (const PaddingSemantics padding :
           {PaddingSemantics::masked, PaddingSemantics::attended}) {
        SCOPED_TRACE(std::string(muxing) + " with " + demuxing);
        model::ModelConfig config = golden_model("prune_mux_n2")->config();
        config.multiplexer->num_instances = 3;
        config.multiplexer->padding = padding;
        config.multiplexer->parameters.set("muxing_variant", muxing);
        config.multiplexer->parameters.set("demuxing_variant", demuxing);
        config.multiplexer->parameters.set("legacy_demuxing", false);
        expect_equal_to_training_side(config, 8);
      }
    }
  }
}

TEST(Engine, ReturnsResultsInTheOrderOfTheRows) {
  const std::shared_ptr<model::Model> model = golden_model("enc_bert");
  const Rows rows = golden_rows("enc_bert", *model);
  const at::Tensor order = at::arange(rows.inputs.input_ids.size(0) - 1, -1, -1, at::kLong);
  const auto reversed = [&](const at::Tensor& x) {
    return x.defined() ? x.index_select(0, order) : x;
  };
  const Rows other{{reversed(rows.inputs.input_ids), reversed(rows.inputs.attention_mask),
                    reversed(rows.inputs.token_type_ids)},
                   false};
  EXPECT_EQ(distance(reversed(engine_logits(model, rows)), engine_logits(model, other)), 0.0);
}

TEST(Engine, GivesTheSameBitsOnAnyNumberOfThreads) {
  const std::shared_ptr<model::Model> model = golden_model("seq_gh_indexpos_n2");
  std::mt19937 random(7);
  const Rows rows = random_rows(*model, 40, random);
  for (const Precision precision : {Precision::float32, Precision::bfloat16, Precision::int8}) {
    EngineOptions options;
    options.precision = precision;
    options.threads = 1;
    const at::Tensor one = engine_logits(model, rows, options);
    options.threads = 3;
    EXPECT_EQ(distance(engine_logits(model, rows, options), one), 0.0) << name_of(precision);
  }
}

TEST(Engine, IsolatesRowsFromEachOther) {
  const std::shared_ptr<model::Model> model = golden_model("seq_gh_indexpos_n2");
  std::mt19937 random(3);
  const Rows rows = random_rows(*model, 3, random);
  EngineOptions options;
  options.isolate = true;
  const at::Tensor together = engine_logits(model, rows, options);
  for (std::int64_t row = 0; row < 3; ++row) {
    const Rows alone{
        {rows.inputs.input_ids.narrow(0, row, 1), rows.inputs.attention_mask.narrow(0, row, 1), {}},
        rows.whole};
    EXPECT_LT(distance(engine_logits(model, alone, options), together.narrow(0, row, 1)), 1e-6);
  }
}

EncodedRows one_row(std::vector<text::TokenId> ids) {
  text::Encoding encoding;
  encoding.type_ids.assign(ids.size(), 0);
  encoding.ids = std::move(ids);
  return {{std::move(encoding)}, 0};
}

template <typename Expected>
void expect_error(const Engine& engine, const EncodedRows& rows, const std::string& text) {
  try {
    engine.logits(rows);
    ADD_FAILURE() << "no error";
  } catch (const Expected& error) {
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Engine, RefusesTokensAndLengthsThatTheModelDoesNotEmbed) {
  const std::shared_ptr<model::Model> model = golden_model("enc_bert");
  const Engine engine(model, {});
  const auto vocabulary = static_cast<text::TokenId>(model->config().encoder.vocab_size);
  expect_error<DataError>(engine, one_row({1, vocabulary}),
                          "token id " + std::to_string(vocabulary) +
                              " at row 0, position 1 is not in the model, which has " +
                              std::to_string(vocabulary));
  const std::int64_t positions = model->config().encoder.max_position_embeddings;
  expect_error<DataError>(
      engine, one_row(std::vector<text::TokenId>(static_cast<std::size_t>(positions) + 1, 1)),
      "an input has " + std::to_string(positions + 1) +
          " positions, but the model embeds at most " + std::to_string(positions));
}

TEST(Engine, SaysSoWhenResultsAreNoNumbers) {
  const std::shared_ptr<model::Model> model = golden_model("enc_bert");
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    if (name == "classifier.bias") tensor.set_requires_grad(false).fill_(std::nan(""));
  }
  expect_error<NumericError>(Engine(model, {}), one_row({1, 2}),
                             "outputs for 1 of 1 rows are no finite numbers");
}

TEST(Engine, SaysWhatAnAcceleratorCannotRun) {
  EngineOptions options;
  options.accelerator = std::make_shared<HostRowKernels>();
  EXPECT_THAT(
      [&] { const Engine engine(golden_model("seq_gattn_indexpos_n2"), options); },
      testing::ThrowsMessage<ConfigError>(HasSubstr("in no closed form that a GPU can run")));
  options.precision = Precision::int8;
  EXPECT_THAT([&] { const Engine engine(golden_model("enc_bert"), options); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("float32 or bfloat16, not in int8")));
}

TEST(Engine, GivesOnAGpuWhatItGivesOnTheCpu) {
  EngineOptions options;
  options.groups_per_batch = 2;
  options.attended_length = 9;
  EngineOptions on_gpu = options;
  try {
    on_gpu.accelerator = load_cuda_kernels();
  } catch (const ConfigError& error) {
    GTEST_SKIP() << error.what();
  }
  for (const std::string name : {"enc_bert", "seq_gh_indexpos_n2", "seq_gh_mlp_n2"}) {
    for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
      const std::shared_ptr<model::Model> model = golden_model(name);
      std::mt19937 random(3);
      const EncodedRows rows =
          random_rows(*model, 40, random).source(model->config().encoder.pad_token_id);
      const at::Tensor expected = Engine(model, options).logits(rows);
      const double magnitude = expected.abs().max().item<double>();
      on_gpu.precision = precision;
      const Engine engine(model, on_gpu);
      // Shapes are computed, then recorded, then started again with other rows.
      for (int pass = 0; pass < 3; ++pass) {
        EXPECT_LT(distance(engine.logits(rows), expected),
                  precision == Precision::float32 ? 1e-4 : 0.05 * magnitude + 0.01)
            << name << ", pass " << pass;
      }
    }
  }
}

TEST(Engine, RefusesModelsThatClassifyTokens) {
  try {
    const Engine engine(golden_model("tok_gh_indexpos_n2"), {});
    ADD_FAILURE() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("classifies tokens"));
  }
}

TEST(Precision, IsNamedAsUsersWriteIt) {
  for (const std::string& name : precision_names()) EXPECT_EQ(name_of(precision_of(name)), name);
  try {
    precision_of("float8");
    ADD_FAILURE() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "precision is 'float8', expected one of float32, bfloat16, int8");
  }
}

}  // namespace
}  // namespace prumux::runtime
