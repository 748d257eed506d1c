#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "interfaces.h"

namespace prumux::datamux {

/// The muxing that the parameter `muxing_variant` names, its parameters registered on `root`.
/// Throws `ConfigError` listing the known names, or with the reason why it does not fit the model.
std::unique_ptr<Muxing> make_muxing(torch::nn::Module& root, const MultiplexerArguments& arguments);

/// The demultiplexing that the parameter `demuxing_variant` names; errors as `make_muxing`, and for
/// a switch of another demultiplexing.
std::unique_ptr<Demultiplexing> make_demultiplexing(torch::nn::Module& root,
                                                    const MultiplexerArguments& arguments);

bool is_muxing(const std::string& name);
bool is_demultiplexing(const std::string& name);

}  // namespace prumux::datamux
