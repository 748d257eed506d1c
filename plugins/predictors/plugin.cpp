#include "prumux/plugin.h"

#include "analytic.h"
#include "bilinear.h"
#include "gaussian_process.h"
#include "schema.h"

namespace prumux::predictors {

constexpr PrumuxMethodV1 kMethods[] = {
    performance_model_method<Analytic>(
        "analytic",
        "Throughput from operations, bytes and passes, calibrated by measured cells; accuracy as "
        "bilinear",
        "Williams et al., Roofline (2009), with a sum instead of a maximum", kAnalyticParameters),
    performance_model_method<Bilinear>(
        "bilinear", "Auto-PruMUX: piecewise bilinear interpolation over instances and sparsity",
        "PruMUX: Augmenting Data Multiplexing with Model Compression (2023), section 3",
        kBilinearParameters),
    performance_model_method<GaussianProcess>(
        "gaussian_process", "A linear trend with a Gaussian process, which knows its uncertainty",
        "Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), chapters 2 and 5",
        kGaussianProcessParameters),
    performance_model_method<MonotoneBilinear>(
        "monotone_bilinear",
        "Bilinear interpolation in which more compression is never more accurate, nor slower",
        "PruMUX (2023), section 3; Dykstra and Robertson, Isotonic Regression for Two or More "
        "Independent Variables (1982)",
        kBilinearParameters),
};

}  // namespace prumux::predictors

PRUMUX_PLUGIN("predictors", PRUMUX_SDK_VERSION, "MIT", prumux::predictors::kMethods);
