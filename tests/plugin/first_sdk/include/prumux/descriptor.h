#pragma once

/// The binary contract between host and plugin. Plain C: nothing here runs code.
///
/// A plugin exports two constants:
/// - `prumux_fingerprint_v1` (section "prumux"): how it was built, without a single pointer, so
/// that
///   the host reads it from the file before the library is loaded and refuses what cannot work;
/// - `prumux_plugin_v1`: what it offers.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PRUMUX_ABI_MAJOR 1
#define PRUMUX_ABI_MINOR 0
#define PRUMUX_SDK_VERSION "0.1.0"
#define PRUMUX_FINGERPRINT_MAGIC "PRUMUX1"

typedef struct PrumuxFingerprintV1 {
  char magic[8];         /* PRUMUX_FINGERPRINT_MAGIC */
  uint32_t struct_size;  /* of this struct */
  uint32_t abi_major;    /* must equal the host's */
  uint32_t abi_minor;    /* must not exceed the host's */
  uint32_t cxx11_abi;    /* _GLIBCXX_USE_CXX11_ABI */
  uint32_t debug_stl;    /* 1 with _GLIBCXX_DEBUG */
  uint32_t cxx_standard; /* __cplusplus; informative */
  char torch_version[32];
  char compiler[32]; /* family and major version, e.g. "gcc 12" */
  char sdk_version[16];
  char build_kind[16]; /* "release" or "debug"; informative */
} PrumuxFingerprintV1;

typedef enum PrumuxKind {
  PRUMUX_COMPRESSOR = 1,
  PRUMUX_MULTIPLEXER = 2,
  PRUMUX_PERFORMANCE_MODEL = 3
} PrumuxKind;

typedef enum PrumuxParameterType {
  PRUMUX_BOOLEAN = 1,
  PRUMUX_INTEGER = 2,
  PRUMUX_REAL = 3,
  PRUMUX_STRING = 4,
  PRUMUX_REAL_LIST = 5
} PrumuxParameterType;

/* The one source for validation, `plugins inspect` and the docs. */
typedef struct PrumuxParameterV1 {
  const char* name;
  uint32_t type;             /* PrumuxParameterType */
  const char* default_value; /* as written in YAML; null: the parameter is required */
  double minimum;            /* of numbers, inclusive; -HUGE_VAL: none */
  double maximum;            /* of numbers, inclusive; HUGE_VAL: none */
  const char* choices;       /* of strings: "one|two|three"; null: any */
  const char* unit;          /* "" when it has none */
  const char* help;
} PrumuxParameterV1;

typedef enum PrumuxCapability {
  PRUMUX_NEEDS_TEACHER = 1u << 0,
  PRUMUX_NEEDS_CUDA = 1u << 1,
  PRUMUX_NEEDS_CALIBRATION_DATA = 1u << 2
} PrumuxCapability;

/* What the functions of a plugin return. */
typedef enum PrumuxStatus {
  PRUMUX_DONE = 0,
  PRUMUX_FAILED = 1,
  PRUMUX_BAD_CONFIGURATION = 2 /* the user has to change the parameters */
} PrumuxStatus;

/* Where a plugin leaves the text of an error; filled up to its size, always terminated. */
typedef struct PrumuxErrorV1 {
  char text[2048];
} PrumuxErrorV1;

typedef struct PrumuxMethodV1 {
  uint32_t struct_size;
  uint32_t kind;              /* PrumuxKind */
  uint32_t interface_version; /* of that kind; 1 */
  uint32_t capabilities;      /* PrumuxCapability flags */
  const char* name;           /* the word that a pipeline writes */
  const char* summary;
  const char* source; /* paper or project that the method comes from */
  const PrumuxParameterV1* parameters;
  uint32_t num_parameters;
  /* arguments: the C++ struct of the kind (`MultiplexerArguments`, ...). Returns PRUMUX_DONE and
     sets *instance to a pointer to the interface, or another PrumuxStatus and the error's text. */
  int (*create)(const void* arguments, void** instance, PrumuxErrorV1* error);
  void (*destroy)(void* instance);
  /* Multiplexers only, may be null: when `config_json` (a model's config.json) is of this method,
     writes the parameters as a JSON object into `parameters_json` and returns 1; else 0. */
  int (*recognise)(const char* config_json, char* parameters_json, uint32_t size);
} PrumuxMethodV1;

typedef struct PrumuxPluginV1 {
  uint32_t struct_size;
  uint32_t num_methods;
  const char* name;
  const char* version;
  const char* license;
  const PrumuxMethodV1* methods;
} PrumuxPluginV1;

#ifdef __cplusplus
}
#endif
