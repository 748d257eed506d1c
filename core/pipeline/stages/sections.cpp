#include "core/pipeline/stages/sections.h"

#include "core/config/scalar.h"
#include "core/pipeline/stage_table.h"
#include "core/pipeline/stages/methods.h"
#include "core/text/task.h"

namespace prumux::pipeline {
namespace {

using config::Field;
using config::Problems;
using config::Type;
using config::Value;

Field data_section() {
  return {.name = "data",
          .type = Type::map,
          .default_value = "{}",
          .help = "texts to learn from",
          .fields = {
              {.name = "task", .choices = text::task_names(), .help = "what is to be learnt"},
              {.name = "root",
               .type = Type::path,
               .help = "folder of the files; by default that of the pipeline file"},
              method_field("reader", PRUMUX_DATASET_READER,
                           "plugin that reads the labelled files, when they are of no format that "
                           "prumux knows"),
              {.name = "train", .default_value = "train.tsv", .help = "labelled texts"},
              {.name = "dev", .default_value = "dev.tsv", .help = "labelled texts to evaluate on"},
              {.name = "corpus",
               .type = Type::list,
               .help = "plain texts for pretraining",
               .element = config::element({})},
              {.name = "held_out_corpus",
               .type = Type::list,
               .help = "plain texts on which pretraining is evaluated",
               .element = config::element({})},
              {.name = "max_length",
               .type = Type::integer,
               .default_value = "128",
               .minimum = 4,
               .maximum = 65536,
               .unit = "tokens",
               .help = "longer texts are cut"},
              {.name = "cache",
               .type = Type::path,
               .help = "folder of tokenized texts; by default the user's cache"}}};
}

Field size(const char* name, const char* default_value, const char* help) {
  return {.name = name,
          .type = Type::integer,
          .default_value = default_value,
          .minimum = 1,
          .maximum = 1 << 20,
          .help = help};
}

Field share(const char* name, const char* default_value, const char* help) {
  return {.name = name,
          .type = Type::real,
          .default_value = default_value,
          .minimum = 0,
          .maximum = 0.99,
          .help = help};
}

Field model_section() {
  const Field config{
      .name = "config",
      .type = Type::map,
      .help = "architecture of a model with fresh weights",
      .fields = {{.name = "model_type",
                  .default_value = "bert",
                  .choices = {"bert", "roberta", "electra"},
                  .help = "family of the encoder"},
                 size("hidden_size", "768", "width of the hidden states"),
                 {.name = "embedding_size",
                  .type = Type::integer,
                  .default_value = "0",
                  .minimum = 0,
                  .maximum = 1 << 20,
                  .help = "width of ELECTRA's embeddings; 0: as the hidden states"},
                 size("num_hidden_layers", "12", "layers"),
                 size("num_attention_heads", "12", "attention heads of a layer"),
                 size("intermediate_size", "3072", "width inside the feed-forward blocks"),
                 size("max_position_embeddings", "512", "longest sequence"),
                 size("type_vocab_size", "2", "kinds of tokens: first and second text"),
                 share("hidden_dropout_prob", "0.1", "dropout of hidden states"),
                 share("attention_probs_dropout_prob", "0.1", "dropout of attention"),
                 {.name = "initializer_range",
                  .type = Type::real,
                  .default_value = "0.02",
                  .minimum = 0,
                  .maximum = 1,
                  .help = "standard deviation of fresh weights"}}};
  return {
      .name = "model",
      .type = Type::map,
      .required = true,
      .help = "the encoder to start from",
      .fields = {
          {.name = "from", .type = Type::path, .help = "model folder"},
          config,
          {.name = "vocabulary",
           .type = Type::path,
           .help = "vocab.txt of a model with fresh weights, or a folder with a tokenizer's files"},
          {.name = "lower_case",
           .type = Type::boolean,
           .default_value = "true",
           .help = "whether a vocab.txt is of words without case and accents"}}};
}

/// Those of every method.
std::vector<Field> common_multiplexer_fields() {
  return {{.name = "method", .help = "name of the multiplexing method"},
          {.name = "instances",
           .type = Type::integer,
           .default_value = "1",
           .minimum = 1,
           .maximum = kMaximumInstances,
           .help = "inputs that share one forward pass; 1: a plain model"},
          {.name = "padding",
           .default_value = "masked",
           .choices = {"masked", "attended"},
           .help = "masked: attend to no padding; attended: as the reference models do"}};
}

std::optional<std::vector<Field>> multiplexer_fields(const Value& given, Problems& problems) {
  std::vector<Field> fields = common_multiplexer_fields();
  const Value* instances = given.find("instances");
  const auto count = instances == nullptr ? std::nullopt : config::parse_integer(instances->text);
  const Value* name = given.find("method");
  const bool is_used = count && *count > 1;
  fields.front().required = is_used;
  // A plain model does without the method, but a stage may be of several instances.
  Problems of_plain_model;
  const plugin::Method* found =
      name != nullptr && name->is_scalar()
          ? find_method(PRUMUX_MULTIPLEXER, *name, is_used ? problems : of_plain_model)
          : nullptr;
  fields.push_back(found == nullptr ? unchecked_params() : params_field(*found));
  return fields;
}

}  // namespace

std::vector<Field> pipeline_sections() {
  return {data_section(),
          model_section(),
          {.name = "multiplexer",
           .type = Type::map,
           .default_value = "{instances: 1}",
           .help = "how several inputs share one forward pass",
           .choose = multiplexer_fields,
           .variants = [] {
             return method_variants(PRUMUX_MULTIPLEXER, common_multiplexer_fields());
           }}};
}

}  // namespace prumux::pipeline
