#include "core/plugin/reserved_names.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace prumux::plugin {
namespace {

/// Of C++20.
constexpr std::array<std::string_view, 92> kKeywords = {
    "alignas",       "alignof",     "and",
    "and_eq",        "asm",         "auto",
    "bitand",        "bitor",       "bool",
    "break",         "case",        "catch",
    "char",          "char16_t",    "char32_t",
    "char8_t",       "class",       "co_await",
    "co_return",     "co_yield",    "compl",
    "concept",       "const",       "const_cast",
    "consteval",     "constexpr",   "constinit",
    "continue",      "decltype",    "default",
    "delete",        "do",          "double",
    "dynamic_cast",  "else",        "enum",
    "explicit",      "export",      "extern",
    "false",         "float",       "for",
    "friend",        "goto",        "if",
    "inline",        "int",         "long",
    "mutable",       "namespace",   "new",
    "noexcept",      "not",         "not_eq",
    "nullptr",       "operator",    "or",
    "or_eq",         "private",     "protected",
    "public",        "register",    "reinterpret_cast",
    "requires",      "return",      "short",
    "signed",        "sizeof",      "static",
    "static_assert", "static_cast", "struct",
    "switch",        "template",    "this",
    "thread_local",  "throw",       "true",
    "try",           "typedef",     "typeid",
    "typename",      "union",       "unsigned",
    "using",         "virtual",     "void",
    "volatile",      "wchar_t",     "while",
    "xor",           "xor_eq"};

/// Headers of C, which a plugin's own header of that name would hide.
constexpr std::array<std::string_view, 54> kHeaders = {
    "alloca",   "assert",   "complex",   "ctype",   "cxxabi",    "dirent", "dlfcn",  "elf",
    "endian",   "errno",    "execinfo",  "fcntl",   "features",  "fenv",   "iconv",  "inttypes",
    "iso646",   "langinfo", "libintl",   "limits",  "link",      "locale", "malloc", "math",
    "memory",   "poll",     "pthread",   "sched",   "semaphore", "setjmp", "signal", "spawn",
    "stdalign", "stdarg",   "stdatomic", "stdbool", "stddef",    "stdint", "stdio",  "stdlib",
    "string",   "strings",  "syscall",   "tgmath",  "threads",   "time",   "uchar",  "ucontext",
    "unistd",   "unwind",   "wait",      "wchar",   "wctype",    "xlocale"};

/// Namespaces and macros that are there, and what else the templates use.
constexpr std::array<std::string_view, 18> kOtherNames = {
    "at",     "c10",           "caffe2",   "configuration", "data_error", "linux",
    "main",   "multiplexer",   "nlohmann", "observation",   "parameters", "plugin",
    "prumux", "score_pruning", "std",      "testing",       "torch",      "unix"};

template <typename Names>
bool is_one_of(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool is_reserved_name(const std::string& name) {
  // What a library of this process calls so is a function of C: index, random, log.
  return is_one_of(kKeywords, name) || is_one_of(kHeaders, name) || is_one_of(kOtherNames, name) ||
         dlsym(RTLD_DEFAULT, name.c_str()) != nullptr;
}

}  // namespace prumux::plugin
