#include "mapping/task_name.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/event_batch.h"

namespace billing {

std::string_view shortened_task(std::string_view task, BatchText& texts) {
  constexpr std::size_t kKeptBytes = 234;
  constexpr std::size_t kHexDigits = 16;
  std::size_t kept = kKeptBytes;
  while (kept > 0 && (static_cast<unsigned char>(task[kept]) & 0xC0) == 0x80) --kept;
  char* const to = texts.reserve(kept + 1 + kHexDigits);
  std::memcpy(to, task.data(), kept);
  to[kept] = '~';
  const XXH64_hash_t hash = XXH3_64bits(task.data(), task.size());
  for (std::size_t i = 0; i < kHexDigits; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    to[kept + 1 + i] = kDigits[hash >> (60 - 4 * i) & 0xF];
  }
  return texts.keep(kept + 1 + kHexDigits);
}

std::string_view measured_task(std::string_view task, std::string_view suffix, BatchText& texts) {
  const std::size_t bytes = task.size() + suffix.size();
  char* const to = texts.reserve(bytes);
  std::memcpy(to, task.data(), task.size());
  std::memcpy(to + task.size(), suffix.data(), suffix.size());
  const std::string_view whole = texts.keep(bytes);
  return bytes > kMaxNameBytes ? shortened_task(whole, texts) : whole;
}

void check_measures(std::span<const Measure> measures) {
  const auto fail = [](const std::string& what) {
    throw Error(ErrorKind::configuration, std::string(1, kSettingMark) + "measure: " + what);
  };
  if (measures.size() > kMaxMeasures) {
    fail("there are " + std::to_string(measures.size()) + "; at most " +
         std::to_string(kMaxMeasures) + " are allowed");
  }
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const std::string& name = measures[i].name;
    if (!is_valid_name(name) || name.starts_with(' ') || name.ends_with(' ')) {
      fail(quoted_text(name) +
           " is no name; it stands behind the task's and a dot, such as input in "
           "\1measure input=tokens.in");
    }
    const auto is_same = [&name](const Measure& measure) { return measure.name == name; };
    if (std::any_of(measures.begin(), measures.begin() + static_cast<std::ptrdiff_t>(i), is_same))
      fail(quoted_text(name) + " is there twice; each measure has a name of its own");
  }
}

}  // namespace billing
