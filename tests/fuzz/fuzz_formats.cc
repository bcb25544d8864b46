// Bytes as records of any format, by its usual mapping.

#include <string>

#include "billing/named_formats.h"
#include "engine_pair.h"

using billing::FormatSettings;

namespace {

FormatSettings settings_of(std::uint8_t choice) {
  const auto formats = billing::named_formats();
  FormatSettings settings;
  settings.format = std::string(formats[choice % formats.size()].name);
  if (settings.format == "csv" && choice >= 128) {
    settings.separator = ';';
    settings.columns = {"time", "user", "task", "quantity"};
    settings.decimal_comma = true;
    settings.null_word = "NULL";
  }
  if (settings.format == "json" && choice >= 128) settings.time = "none";
  return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  billing::fuzz::Choices choices(data, size);
  const FormatSettings settings = settings_of(choices.byte());
  const std::size_t chunk_bytes = 1 + std::size_t{choices.byte()} * 7;
  billing::fuzz::compare_engines(settings, choices.rest(), chunk_bytes);
  return 0;
}
