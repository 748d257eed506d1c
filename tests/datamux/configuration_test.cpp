#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "prumux/error.h"
#include "recognise.h"
#include "schema.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::ThrowsMessage;

json recognised(const json& config) {
  std::array<char, 4096> parameters{};
  if (recognise(config.dump().c_str(), parameters.data(), parameters.size()) == 0) {
    return nullptr;
  }
  return json::parse(parameters.data());
}

const json kReferenceConfig = {{"model_type", "bert"},
                               {"num_instances", 5},
                               {"muxing_variant", "gaussian_hadamard"},
                               {"demuxing_variant", "index_pos"},
                               {"gaussian_hadamard_norm", 20},
                               {"learn_muxing", 1},
                               {"num_hidden_demux_layers", 4},
                               {"retrieval_percentage", 1.0}};

TEST(Configuration, TakesFieldsThatAreNullAsAbsent) {
  json config = kReferenceConfig;
  config["legacy_demuxing"] = nullptr;
  config["binary_hadamard_epsilon"] = nullptr;
  EXPECT_EQ(recognised(config), recognised(kReferenceConfig));
  EXPECT_FALSE(recognised(config).is_null());
}

TEST(Configuration, RefusesFewerThanOneInstance) {
  EXPECT_THAT(
      [] { DataMultiplexer multiplexer(small_arguments(0)); },
      ThrowsMessage<ConfigError>("datamux: the number of instances is 0, expected at least 1"));
}

TEST(Configuration, RefusesUnknownVariantsAndListsTheKnownOnes) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("muxing_variant", std::string("fourier"));
  EXPECT_THAT([&] { DataMultiplexer multiplexer(arguments); },
              ThrowsMessage<ConfigError>("datamux: muxing_variant is 'fourier', expected one of "
                                         "gaussian_hadamard, binary_hadamard, random_ortho, "
                                         "random_ortho_low_rank, gaussian_attention, "
                                         "gaussian_attention_v2, gaussian_attention_v2_no_context, "
                                         "gaussian_attention_v2_cls_token"));
  arguments = small_arguments(2);
  arguments.parameters.set("demuxing_variant", std::string("oracle"));
  EXPECT_THAT([&] { DataMultiplexer multiplexer(arguments); },
              ThrowsMessage<ConfigError>(
                  "datamux: demuxing_variant is 'oracle', expected one of index_pos, index, mlp"));
}

TEST(Configuration, RefusesASingleDemultiplexingLayer) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.parameters.set("num_hidden_demux_layers", std::int64_t{1});
  EXPECT_THAT([&] { DataMultiplexer multiplexer(arguments); },
              ThrowsMessage<ConfigError>("datamux: num_hidden_demux_layers is 1, expected at least "
                                         "2: reading words uses two layers"));
}

TEST(Configuration, RefusesMoreInstancesThanBinaryChunks) {
  MultiplexerArguments arguments = small_arguments(9);
  arguments.parameters.set("muxing_variant", std::string("binary_hadamard"));
  EXPECT_THAT([&] { DataMultiplexer multiplexer(arguments); },
              ThrowsMessage<ConfigError>(
                  "datamux: binary_hadamard gives each instance its own hidden dimensions, but "
                  "there are 9 instances and 8 dimensions"));
}

TEST(Configuration, RefusesPrefixesThatTheEncoderCannotRead) {
  const auto refused = [](const auto& change) {
    MultiplexerArguments arguments = small_arguments(5);
    arguments.parameters.set("demuxing_variant", std::string("index"));
    change(arguments.encoder);
    return [arguments] { DataMultiplexer multiplexer(arguments); };
  };
  EXPECT_THAT(refused([](EncoderConfig& encoder) { encoder.vocab_size = 600; }),
              ThrowsMessage<ConfigError>(
                  "datamux: demuxing_variant index does not fit this model: its prefix needs token "
                  "680, but the vocabulary has 600 tokens"));
  EXPECT_THAT(refused([](EncoderConfig& encoder) { encoder.max_position_embeddings = 6; }),
              ThrowsMessage<ConfigError>(HasSubstr("its prefix takes 6 positions of 6")));
  EXPECT_THAT(refused([](EncoderConfig& encoder) { encoder.model_type = "roberta"; }),
              ThrowsMessage<ConfigError>(HasSubstr("needs token 50000, but the vocabulary has")));
  EXPECT_THAT(
      refused([](EncoderConfig& encoder) {
        encoder.model_type = "roberta";
        encoder.vocab_size = 50005;
      }),
      ThrowsMessage<ConfigError>(HasSubstr("no 5 tokens that can stand for the instances")));
}

/// The reason for refusing the small model after `change`.
template <typename Change>
std::string refusal(const Change& change) {
  MultiplexerArguments arguments = small_arguments(2);
  change(arguments);
  try {
    DataMultiplexer multiplexer(arguments);
  } catch (const ConfigError& problem) {
    return problem.what();
  }
  return "not refused";
}

TEST(Configuration, RefusesSwitchesOfAnotherDemultiplexing) {
  EXPECT_EQ(refusal([](MultiplexerArguments& arguments) {
              arguments.parameters.set("demuxing_variant", std::string("mlp"));
              arguments.parameters.set("legacy_demuxing", true);
            }),
            "datamux: legacy_demuxing is a form of demuxing_variant index_pos, but that is 'mlp'");
  EXPECT_EQ(
      refusal([](MultiplexerArguments& arguments) {
        arguments.parameters.set("demux_output_layer", true);
      }),
      "datamux: demux_output_layer is a form of demuxing_variant index, but that is 'index_pos'");
}

TEST(Configuration, RefusesAttentionThatDoesNotFitTheModel) {
  const auto attention = [](MultiplexerArguments& arguments) {
    arguments.parameters.set("muxing_variant", std::string("gaussian_attention_v2_cls_token"));
  };
  EXPECT_EQ(refusal([&](MultiplexerArguments& arguments) {
              attention(arguments);
              arguments.encoder.num_attention_heads = 3;
            }),
            "datamux: attention over the inputs needs a hidden size that is a multiple of the "
            "number of heads, but they are 8 and 3");
  EXPECT_EQ(refusal([&](MultiplexerArguments& arguments) {
              attention(arguments);
              arguments.encoder.pad_token_id = 1;
            }),
            "datamux: muxing_variant gaussian_attention_v2_cls_token does not fit this model: its "
            "query is token 1, which is the padding");
  EXPECT_EQ(refusal([&](MultiplexerArguments& arguments) {
              attention(arguments);
              arguments.padding = PaddingSemantics::masked;
              arguments.parameters.set("muxing_attends_to_padding", true);
            }),
            "datamux: muxing_attends_to_padding contradicts masked padding: it is for checkpoints "
            "of the reference, whose encoder attends to padding too");
}

TEST(Configuration, RefusesMoreInstancesThanLowRankBlocks) {
  EXPECT_EQ(refusal([](MultiplexerArguments& arguments) {
              arguments.num_instances = 9;
              arguments.parameters.set("muxing_variant", std::string("random_ortho_low_rank"));
            }),
            "datamux: random_ortho_low_rank gives each instance its own hidden dimensions, but "
            "there are 9 instances and 8 dimensions");
}

TEST(Configuration, EveryPairOfTheSchemaCanBeBuilt) {
  for (const std::string& muxing : choices_of("muxing_variant")) {
    for (const std::string& demuxing : choices_of("demuxing_variant")) {
      MultiplexerArguments arguments = small_arguments(2);
      arguments.parameters.set("muxing_variant", muxing);
      arguments.parameters.set("demuxing_variant", demuxing);
      EXPECT_NO_THROW(DataMultiplexer multiplexer(arguments)) << muxing << " with " << demuxing;
    }
  }
}

TEST(CheckpointFields, HaveTheNamesOfTheReference) {
  const json fields = json::parse(DataMultiplexer(small_arguments(2)).checkpoint_fields());
  EXPECT_EQ(fields, json({{"num_instances", 2},
                          {"muxing_variant", "gaussian_hadamard"},
                          {"demuxing_variant", "index_pos"},
                          {"gaussian_hadamard_norm", 1.0},
                          {"binary_hadamard_epsilon", 0.0},
                          {"num_hidden_demux_layers", 3},
                          {"learn_muxing", false},
                          {"legacy_demuxing", false},
                          {"demux_output_layer", false},
                          {"muxing_attends_to_padding", false}}));
}

TEST(CheckpointFields, AreRecognised) {
  json fields = json::parse(DataMultiplexer(small_arguments(2)).checkpoint_fields());
  const json parameters = recognised(fields);
  fields.erase("num_instances");
  EXPECT_EQ(parameters, fields);
}

TEST(Recognise, ReadsAReferenceConfiguration) {
  EXPECT_EQ(recognised(kReferenceConfig), json({{"muxing_variant", "gaussian_hadamard"},
                                                {"demuxing_variant", "index_pos"},
                                                {"gaussian_hadamard_norm", 20.0},
                                                {"binary_hadamard_epsilon", 0.0},
                                                {"learn_muxing", true},
                                                {"num_hidden_demux_layers", 4},
                                                {"legacy_demuxing", false},
                                                {"demux_output_layer", false},
                                                {"muxing_attends_to_padding", false}}));
}

TEST(Recognise, KnowsWhatOnlySomeClassesOfTheReferenceHave) {
  json config = kReferenceConfig;
  config["architectures"] = {"MuxedBertForMaskedLM"};
  EXPECT_EQ(recognised(config)["muxing_attends_to_padding"], true);
  config["architectures"] = {"MuxedRobertaForSequenceClassification"};
  config["model_type"] = "roberta";
  EXPECT_EQ(recognised(config)["demux_output_layer"], false) << "index_pos has no such layer";
  config["demuxing_variant"] = "index";
  EXPECT_EQ(recognised(config)["demux_output_layer"], true);
  config["architectures"] = {"MuxedRobertaForTokenClassification"};
  EXPECT_EQ(recognised(config)["demux_output_layer"], false);
}

TEST(Recognise, LeavesSwitchesOfAnotherDemultiplexingAlone) {
  json config = kReferenceConfig;
  config["legacy_demuxing"] = 1;
  EXPECT_EQ(recognised(config)["legacy_demuxing"], true);
  config["demuxing_variant"] = "mlp";
  EXPECT_EQ(recognised(config)["legacy_demuxing"], false);
}

TEST(Recognise, FillsAbsentFieldsWithTheDefaultsOfTheReference) {
  json config = kReferenceConfig;
  config.erase("num_hidden_demux_layers");
  config.erase("gaussian_hadamard_norm");
  const json parameters = recognised(config);
  EXPECT_EQ(parameters["num_hidden_demux_layers"], 2);
  EXPECT_EQ(parameters["gaussian_hadamard_norm"], 1.0);
}

TEST(Recognise, LeavesOtherModelsAlone) {
  EXPECT_EQ(recognised({{"model_type", "bert"}}), nullptr);
  const json changes = {
      {"num_instances", 1}, {"muxing_variant", "fourier"}, {"demuxing_variant", "oracle"}};
  for (const auto& [field, value] : changes.items()) {
    json config = kReferenceConfig;
    config[field] = value;
    EXPECT_EQ(recognised(config), nullptr) << field;
  }
}

TEST(Recognise, LeavesBrokenConfigurationsAlone) {
  std::array<char, 4096> parameters{};
  EXPECT_EQ(recognise("{\"num_instances\": ", parameters.data(), parameters.size()), 0);
  EXPECT_EQ(recognise("[1, 2]", parameters.data(), parameters.size()), 0);
  for (const std::string field : {"num_instances", "muxing_variant", "learn_muxing",
                                  "num_hidden_demux_layers", "gaussian_hadamard_norm"}) {
    json config = kReferenceConfig;
    config[field] = json::array();
    EXPECT_EQ(recognised(config), nullptr) << field;
  }
}

TEST(Recognise, WritesNothingIntoABufferThatIsTooSmall) {
  std::array<char, 8> parameters{};
  EXPECT_EQ(recognise(kReferenceConfig.dump().c_str(), parameters.data(), parameters.size()), 0);
  EXPECT_STREQ(parameters.data(), "");
}

}  // namespace
}  // namespace prumux::datamux
