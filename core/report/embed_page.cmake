# Writes the files of the page as C++ strings to OUTPUT: HTML, STYLE, and SCRIPTS one after another.
file(READ ${HTML} html)
file(READ ${STYLE} style)
set(script "")
foreach(file IN LISTS SCRIPTS)
  file(READ ${file} text)
  string(APPEND script "${text}\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"core/report/page_parts.h\"

namespace prumux::report {

const std::string_view kPageHtml = R\"embedded(${html})embedded\";
const std::string_view kPageStyle = R\"embedded(${style})embedded\";
const std::string_view kPageScript = R\"embedded(${script})embedded\";

}  // namespace prumux::report
")
