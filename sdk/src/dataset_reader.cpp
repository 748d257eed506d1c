#include "prumux/dataset_reader.h"

namespace prumux {

DatasetReader::~DatasetReader() = default;

}  // namespace prumux
