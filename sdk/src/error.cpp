#include "prumux/error.h"

namespace prumux {

Error::Error(const std::string& message) : std::runtime_error(message) {}
Error::~Error() = default;
ConfigError::ConfigError(const std::string& message) : Error(message) {}
ConfigError::~ConfigError() = default;
DataError::DataError(const std::string& message) : Error(message) {}
DataError::~DataError() = default;
IoError::IoError(const std::string& message) : Error(message) {}
IoError::~IoError() = default;
NumericError::NumericError(const std::string& message) : Error(message) {}
NumericError::~NumericError() = default;
PluginError::PluginError(const std::string& message) : Error(message) {}
PluginError::~PluginError() = default;
Interrupted::Interrupted(const std::string& message) : Error(message) {}
Interrupted::~Interrupted() = default;

}  // namespace prumux
