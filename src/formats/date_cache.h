#pragma once

// Dates of a log repeat: each is checked and turned into a day once.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/timestamp.h"

namespace billing {

/// Remembers days by the eleven bytes `YYYY-MM-DDT`, one for each day and month. For one thread.
class DateCache {
 public:
  /// The instant in ns at which the UTC day that `text` begins with starts; null where its first
  /// eleven bytes are no date and a T. Valid until the next call. Reads 11 bytes.
  const std::int64_t* find(const char* text) {
    std::uint64_t year_month = 0;  // YYYY-MM-
    std::uint32_t day = 0;         // -DDT
    std::memcpy(&year_month, text, sizeof(year_month));
    std::memcpy(&day, text + 7, sizeof(day));
    const std::uint64_t month = (year_month >> 48 & 0xF) + 10 * (year_month >> 40 & 1);  // 1..12
    Entry& entry = entries_[(day >> 8 & 0x3) << 8 | (day >> 16 & 0xF) << 4 | (month & 0xF)];
    if (entry.year_month != year_month || entry.day != day) [[unlikely]] {
      if (!fill(entry, text, year_month, day)) return nullptr;
    }
    return &entry.start_ns;
  }

 private:
  struct Entry {
    std::uint64_t year_month = ~std::uint64_t{0};  // no text
    std::uint32_t day = 0;
    std::int64_t start_ns = 0;
  };

  [[gnu::noinline]] static bool fill(Entry& entry, const char* text, std::uint64_t year_month,
                                     std::uint32_t day) {
    const std::optional<std::int64_t> days = parse_date_days(std::string_view(text, 10));
    if (!days || text[10] != 'T') return false;
    entry = {year_month, day, *days * kSecondsPerDay * kNanosecondsPerSecond};
    return true;
  }

  /// By tens and ones of the day, and the month.
  std::array<Entry, 1024> entries_{};
};

}  // namespace billing
