// Bytes as a definition of a web server's log, and as lines of it.

#include <string>

#include "engine_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  billing::fuzz::Choices choices(data, size);
  billing::FormatSettings settings;
  settings.format = "log";
  const bool has_time = choices.coin();
  // Quoting of configurations, which is taken off first, begins and ends a text.
  settings.log_format = "(" + std::string(choices.text()) + ")";
  if (!has_time) settings.time = "none";
  settings.user = "=u";
  settings.quantity = "1";
  billing::fuzz::compare_engines(settings, choices.rest(), 256);
  return 0;
}
