#pragma once

#include <string_view>

namespace prumux::report {

// The files of the folder `page`, as they were when the program was built.

extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace prumux::report
