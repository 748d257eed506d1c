#include "prumux/plugin.h"

#include "low_rank.h"
#include "schema.h"

namespace prumux::low_rank {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<LowRank>(
        "low_rank", "Factorisation of the linear layers into products of fewer dimensions",
        "Sainath et al., Low-rank Matrix Factorization for Deep Neural Network Training (ICASSP "
        "2013); Idelbayev and Carreira-Perpinan, Low-rank Compression of Neural Nets (CVPR 2020)",
        kParameters),
};

}  // namespace prumux::low_rank

PRUMUX_PLUGIN("low_rank", PRUMUX_SDK_VERSION, "MIT", prumux::low_rank::kMethods);
