#include "prumux/plugin.h"

#include "schema.h"
#include "student.h"

namespace prumux::student {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Student>(
        "student", "Distillation into a student of fewer and narrower layers, fixed from the start",
        "Sanh et al., DistilBERT (2019); Jiao et al., TinyBERT (EMNLP 2020)", kParameters,
        PRUMUX_NEEDS_TEACHER),
};

}  // namespace prumux::student

PRUMUX_PLUGIN("student", PRUMUX_SDK_VERSION, "MIT", prumux::student::kMethods);
