#include "naive/task_path.h"

#include <xxhash.h>

#include <algorithm>
#include <cstddef>

#include "base/escape_text.h"
#include "billing/error.h"
#include "naive/ascii.h"
#include "naive/unicode.h"

namespace billing::naive {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (true) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == path.npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_uuid(std::string_view segment) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  return std::equal(segment.begin(), segment.end(), kForm.begin(), kForm.end(),
                    [](char c, char form) { return form == '0' ? is_hex_digit(c) : c == form; });
}

bool is_id(std::string_view segment) {
  if (segment.empty()) return false;
  constexpr std::size_t kShortestHex = 16;
  return std::all_of(segment.begin(), segment.end(), is_digit) || is_uuid(segment) ||
         (segment.size() >= kShortestHex &&
          std::all_of(segment.begin(), segment.end(), is_hex_digit));
}

bool matches(const std::vector<std::string>& segments, const std::vector<std::string>& pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& wanted = pattern[i];
    if (wanted == "**") return true;
    if (i == segments.size()) return false;
    const bool is_any = wanted.starts_with('{') && wanted.ends_with('}');
    if (is_any ? segments[i].empty() : segments[i] != wanted) return false;
  }
  return segments.size() == pattern.size();
}

}  // namespace

TaskPaths::TaskPaths(bool folds_ids, const std::vector<std::string>& patterns)
    : folds_ids_(folds_ids) {
  for (const std::string& text : patterns) {
    std::vector<std::string> segments = segments_of(text);
    if (std::find(segments.begin(), segments.end() - 1, "**") != segments.end() - 1) {
      throw Error(ErrorKind::configuration,
                  "\1task-pattern " + quoted_text(text) + ": ** may only stand last");
    }
    patterns_.push_back({text, segments});
  }
}

std::string TaskPaths::rewritten(std::string_view path) const {
  const std::vector<std::string> segments = segments_of(path);
  for (const Pattern& pattern : patterns_) {
    if (matches(segments, pattern.segments)) return pattern.text;
  }
  if (!folds_ids_) return std::string(path);
  std::string folded;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i > 0) folded += '/';
    folded += is_id(segments[i]) ? "{id}" : segments[i];
  }
  return folded;
}

std::string shortened_task(std::string_view text) {
  constexpr std::size_t kLongest = 255;
  constexpr std::size_t kKept = 234;
  if (text.size() <= kLongest) return std::string(text);
  std::string_view rest = text;
  std::size_t kept = 0;
  while (take_code_point(rest)) {
    if (text.size() - rest.size() > kKept) break;
    kept = text.size() - rest.size();
  }
  std::string shortened = std::string(text.substr(0, kept)) + '~';
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  for (int shift = 60; shift >= 0; shift -= 4) shortened += "0123456789abcdef"[hash >> shift & 0xF];
  return shortened;
}

}  // namespace billing::naive
