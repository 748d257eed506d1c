#include "variants.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "binary_hadamard.h"
#include "contextual_attention.h"
#include "gaussian_attention.h"
#include "gaussian_hadamard.h"
#include "index_position.h"
#include "index_prefix.h"
#include "instance_mlp.h"
#include "prumux/error.h"
#include "random_orthogonal.h"

namespace prumux::datamux {
namespace {

template <typename Interface>
struct Variant {
  std::string_view name;
  std::unique_ptr<Interface> (*make)(torch::nn::Module&, const MultiplexerArguments&);
};

template <typename Interface, typename Implementation>
std::unique_ptr<Interface> make(torch::nn::Module& root, const MultiplexerArguments& arguments) {
  return std::make_unique<Implementation>(root, arguments);
}

constexpr std::array kMuxings = {
    Variant<Muxing>{"gaussian_hadamard", &make<Muxing, GaussianHadamard>},
    Variant<Muxing>{"binary_hadamard", &make<Muxing, BinaryHadamard>},
    Variant<Muxing>{"random_ortho", &make<Muxing, RandomOrthogonal>},
    Variant<Muxing>{"random_ortho_low_rank", &make<Muxing, RandomOrthogonalLowRank>},
    Variant<Muxing>{"gaussian_attention", &make<Muxing, GaussianAttention>},
    Variant<Muxing>{"gaussian_attention_v2", &make<Muxing, GaussianAttentionV2>},
    Variant<Muxing>{"gaussian_attention_v2_no_context",
                    &make<Muxing, GaussianAttentionV2NoContext>},
    Variant<Muxing>{"gaussian_attention_v2_cls_token", &make<Muxing, GaussianAttentionV2ClsToken>},
};

constexpr std::array kDemultiplexings = {
    Variant<Demultiplexing>{"index_pos", &make<Demultiplexing, IndexPosition>},
    Variant<Demultiplexing>{"index", &make<Demultiplexing, IndexPrefix>},
    Variant<Demultiplexing>{"mlp", &make<Demultiplexing, InstanceMlp>},
};

template <typename Table>
auto find(const Table& table, std::string_view name) {
  return std::find_if(table.begin(), table.end(),
                      [name](const auto& variant) { return variant.name == name; });
}

template <typename Table>
const auto& find_or_throw(const Table& table, const char* parameter, const std::string& name) {
  const auto found = find(table, name);
  if (found != table.end()) {
    return *found;
  }
  std::string known;
  for (const auto& variant : table) {
    known += (known.empty() ? "" : ", ") + std::string(variant.name);
  }
  throw ConfigError("datamux: " + std::string(parameter) + " is '" + name + "', expected one of " +
                    known);
}

}  // namespace

std::unique_ptr<Muxing> make_muxing(torch::nn::Module& root,
                                    const MultiplexerArguments& arguments) {
  const std::string& name = arguments.parameters.string("muxing_variant");
  return find_or_throw(kMuxings, "muxing_variant", name).make(root, arguments);
}

std::unique_ptr<Demultiplexing> make_demultiplexing(torch::nn::Module& root,
                                                    const MultiplexerArguments& arguments) {
  const std::string& name = arguments.parameters.string("demuxing_variant");
  const auto only_for = [&](const char* switch_name, const char* variant) {
    if (arguments.parameters.boolean(switch_name) && name != variant) {
      throw ConfigError("datamux: " + std::string(switch_name) + " is a form of demuxing_variant " +
                        variant + ", but that is '" + name + "'");
    }
  };
  only_for("legacy_demuxing", "index_pos");
  only_for("demux_output_layer", "index");
  return find_or_throw(kDemultiplexings, "demuxing_variant", name).make(root, arguments);
}

bool is_muxing(const std::string& name) { return find(kMuxings, name) != kMuxings.end(); }

bool is_demultiplexing(const std::string& name) {
  return find(kDemultiplexings, name) != kDemultiplexings.end();
}

}  // namespace prumux::datamux
