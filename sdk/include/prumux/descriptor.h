#pragma once

/** @file
 * The binary contract between host and plugin. Plain C: nothing here runs code.
 *
 * A plugin exports two constants:
 * - `prumux_fingerprint_v1` (section "prumux"): how it was built, without a single pointer, so that
 *   the host reads it from the file before the library is loaded and refuses what cannot work;
 * - `prumux_plugin_v1`: what it offers.
 *
 * The structs of a version never change; another layout gets another number and another symbol.
 * The minor version grows when something is added (a kind, a version of an interface), and a host
 * takes every plugin of its major version whose minor version is not newer.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PRUMUX_ABI_MAJOR 1                 /**< Layout of the structs; must be the host's. */
#define PRUMUX_ABI_MINOR 4                 /**< What there is; must not be newer than the host's. */
#define PRUMUX_SDK_VERSION "0.1.0"         /**< Of this SDK and of the prumux that it belongs to. */
#define PRUMUX_FINGERPRINT_MAGIC "PRUMUX1" /**< The first bytes of a fingerprint. */

/* Versions of the C++ interfaces. A new version only appends virtual functions, and the host goes
   on serving the older ones. Classes that others of the SDK derive from (`prumux::Compressor` is
   below `prumux::ScorePruning`) get none: they would move the others' functions. */
#define PRUMUX_COMPRESSOR_INTERFACE 2        /**< Of `prumux::Compressor`. */
#define PRUMUX_MULTIPLEXER_INTERFACE 2       /**< Of `prumux::Multiplexer`. */
#define PRUMUX_PERFORMANCE_MODEL_INTERFACE 1 /**< Of `prumux::PerformanceModel`. */
#define PRUMUX_STAGE_INTERFACE 1             /**< Of `prumux::Stage`. */
#define PRUMUX_METRIC_INTERFACE 1            /**< Of `prumux::Metric`. */
#define PRUMUX_DATASET_READER_INTERFACE 1    /**< Of `prumux::DatasetReader`. */
#define PRUMUX_HEAD_INTERFACE 1              /**< Of `prumux::Head`. */

/** How a plugin was built. Texts are terminated by a zero. */
typedef struct PrumuxFingerprintV1 {
  char magic[8];          /**< PRUMUX_FINGERPRINT_MAGIC. */
  uint32_t struct_size;   /**< Bytes of this struct. */
  uint32_t abi_major;     /**< PRUMUX_ABI_MAJOR. */
  uint32_t abi_minor;     /**< PRUMUX_ABI_MINOR. */
  uint32_t cxx11_abi;     /**< _GLIBCXX_USE_CXX11_ABI; must be the host's. */
  uint32_t debug_stl;     /**< 1 with _GLIBCXX_DEBUG; must be the host's. */
  uint32_t cxx_standard;  /**< __cplusplus; informative. */
  char torch_version[32]; /**< Of libtorch; must be the host's. */
  char compiler[32];      /**< Family and major version, "gcc 12"; must be the host's. */
  char sdk_version[16];   /**< PRUMUX_SDK_VERSION; informative. */
  char build_kind[16];    /**< "release" or "debug"; informative. */
} PrumuxFingerprintV1;

/** What a method is, and so which C++ interface it implements. */
typedef enum PrumuxKind {
  PRUMUX_COMPRESSOR = 1,        /**< `prumux::Compressor`. */
  PRUMUX_MULTIPLEXER = 2,       /**< `prumux::Multiplexer`. */
  PRUMUX_PERFORMANCE_MODEL = 3, /**< `prumux::PerformanceModel`. */
  PRUMUX_STAGE = 4,             /**< `prumux::Stage`; since 1.1. */
  PRUMUX_METRIC = 5,            /**< `prumux::Metric`; since 1.1. */
  PRUMUX_DATASET_READER = 6,    /**< `prumux::DatasetReader`; since 1.1. */
  PRUMUX_HEAD = 7               /**< `prumux::Head`; since 1.3. */
} PrumuxKind;

/** Type of a parameter. */
typedef enum PrumuxParameterType {
  PRUMUX_BOOLEAN = 1,  /**< true or false. */
  PRUMUX_INTEGER = 2,  /**< Of 64 bits. */
  PRUMUX_REAL = 3,     /**< A finite number. */
  PRUMUX_STRING = 4,   /**< Text. */
  PRUMUX_REAL_LIST = 5 /**< A list of finite numbers. */
} PrumuxParameterType;

/** One parameter of a method: the one source for validation, `plugins inspect`, the JSON Schema of
 * pipelines and the documentation. Texts must live as long as the library. */
typedef struct PrumuxParameterV1 {
  const char* name;          /**< The key in YAML. */
  uint32_t type;             /**< PrumuxParameterType. */
  const char* default_value; /**< As written in YAML; null: the parameter is required. */
  double minimum;            /**< Of numbers, inclusive; -HUGE_VAL: none. */
  double maximum;            /**< Of numbers, inclusive; HUGE_VAL: none. */
  const char* choices;       /**< Of strings: "one|two|three"; null: any. */
  const char* unit;          /**< "" when it has none. */
  const char* help;          /**< One line. */
} PrumuxParameterV1;

/** What a method needs, and what a stage reads and writes: flags. */
typedef enum PrumuxCapability {
  PRUMUX_NEEDS_TEACHER = 1u << 0,          /**< Of a stage: it has the setting `teacher`. */
  PRUMUX_NEEDS_CUDA = 1u << 1,             /**< Works on a GPU only. */
  PRUMUX_NEEDS_CALIBRATION_DATA = 1u << 2, /**< Wants texts before it is applied. */
  PRUMUX_READS_MODEL = 1u << 3,            /**< Stages: it has the setting `from`. */
  PRUMUX_WRITES_MODEL = 1u << 4,           /**< Stages: later stages go on from its model. */
  PRUMUX_READS_TRAINING_DATA = 1u << 5,    /**< Stages: its result depends on data.train. */
  PRUMUX_READS_HELD_OUT_DATA = 1u << 6,    /**< Stages: its result depends on data.dev. */
  PRUMUX_RUNS_AFTER_CELLS = 1u << 7,       /**< Stages: once, after all cells of the grid. */
  /** Compressors: a training mask of exactly zero passes no gradient on to what is trained, as
   * behind a clamp. The host leaves its unit out of the pass: the same gradients for less work, or
   * none where a whole block is left out. Since 1.4. */
  PRUMUX_ZERO_MASKS_ARE_CONSTANT = 1u << 8
} PrumuxCapability;

/** What the functions of a plugin return. */
typedef enum PrumuxStatus {
  PRUMUX_DONE = 0,             /**< It worked. */
  PRUMUX_FAILED = 1,           /**< It did not. */
  PRUMUX_BAD_CONFIGURATION = 2 /**< The user has to change the parameters. */
} PrumuxStatus;

/** Where a plugin leaves the text of an error. */
typedef struct PrumuxErrorV1 {
  char text[2048]; /**< Filled up to its size, always terminated. */
} PrumuxErrorV1;

/** One method of a plugin. Texts must live as long as the library. */
typedef struct PrumuxMethodV1 {
  uint32_t struct_size;                /**< Bytes of this struct. */
  uint32_t kind;                       /**< PrumuxKind. */
  uint32_t interface_version;          /**< Of that kind: PRUMUX_COMPRESSOR_INTERFACE, ... */
  uint32_t capabilities;               /**< PrumuxCapability flags. */
  const char* name;                    /**< The word that a pipeline writes. */
  const char* summary;                 /**< One line. */
  const char* source;                  /**< Paper or project that the method comes from. */
  const PrumuxParameterV1* parameters; /**< num_parameters of them. */
  uint32_t num_parameters;             /**< May be 0. */
  /** arguments: the C++ struct of the kind (`MultiplexerArguments`, ...). Returns PRUMUX_DONE and
   * sets *instance to a pointer to the interface, or another PrumuxStatus and the error's text. */
  int (*create)(const void* arguments, void** instance, PrumuxErrorV1* error);
  /** Ends an instance that `create` made. Must not fail. */
  void (*destroy)(void* instance);
  /** Multiplexers only, may be null: when `config_json` (a model's config.json) is of this method,
   * writes the parameters as a JSON object into `parameters_json` and returns 1; else 0. */
  int (*recognise)(const char* config_json, char* parameters_json, uint32_t size);
} PrumuxMethodV1;

/** What a library offers. Texts must live as long as the library. */
typedef struct PrumuxPluginV1 {
  uint32_t struct_size;          /**< Bytes of this struct. */
  uint32_t num_methods;          /**< At least 1. */
  const char* name;              /**< Of the plugin. */
  const char* version;           /**< Of the plugin. */
  const char* license;           /**< SPDX identifier. */
  const PrumuxMethodV1* methods; /**< num_methods of them. */
} PrumuxPluginV1;

#ifdef __cplusplus
}
#endif
