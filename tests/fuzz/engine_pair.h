#pragma once

// Both engines on the same bytes: what the fuzzer's targets demand of them.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "billing/choose_format.h"

namespace billing::fuzz {

/// Input of a target, taken apart from its front.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  /// A byte; 0 where nothing is left.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return static_cast<std::uint8_t>(c);
  }
  bool coin() { return byte() % 2 != 0; }

  /// The bytes up to the next NUL, which is taken too.
  std::string_view text() {
    const std::string_view text = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(text.size() < rest_.size() ? text.size() + 1 : text.size());
    return text;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// Reads `log` with the parallel engine's decoders, in chunks of about `chunk_bytes`, and with the
/// baseline's. Stops the program with a message where they differ in an event, a reject or a count,
/// or where the records do not tile the bytes. Settings that the parallel engine refuses are fine.
void compare_engines(const FormatSettings& settings, std::string_view log, std::size_t chunk_bytes);

}  // namespace billing::fuzz
