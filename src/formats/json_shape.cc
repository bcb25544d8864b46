#include "formats/json_shape.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace billing {
namespace {

/// Records of more are seldom alike.
constexpr std::size_t kMaxSegments = 256;

JsonShape::Part part_of(std::string_view bytes) {
  JsonShape::Part part{};
  std::memcpy(part.bytes.data(), bytes.data(), bytes.size());
  std::memset(part.mask.data(), 0xFF, bytes.size());
  return part;
}

/// Where a number, `true`, `false` or `null` ends.
const char* scalar_end(const char* begin, const char* end) {
  return std::find_if(begin, end, [](char c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r';
  });
}

}  // namespace

bool JsonShape::learn(const Line& line, const std::uint32_t* tokens,
                      const std::uint32_t* tokens_end, const std::vector<Field>& fields) {
  more_parts_.clear();
  segments_.clear();
  absent_.clear();
  end_count_ = 0;
  next_end_ = 0;
  quotes_ = 0;
  std::vector<bool> is_found(fields.size());
  const char* literal = line.begin;
  const char* first_end = nullptr;  // of the literal
  for (const std::uint32_t* token = tokens; token != tokens_end; ++token) {
    const char* value = line.begin + *token;
    const bool is_end = *value == ',' || *value == '}' || *value == ']';
    if (is_end) ++end_count_;
    if (is_end && first_end == nullptr) first_end = value;
    const bool is_string = *value == '"';
    const bool is_key = is_string && token + 1 != tokens_end && line.begin[token[1]] == ':';
    if (is_key || std::strchr("{}[]:,", *value) != nullptr) continue;
    std::uint32_t place = kNone;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].at != static_cast<std::uint32_t>(value - line.record)) continue;
      if (place != kNone || fields[i].kind == Field::Kind::composite) return false;
      place = static_cast<std::uint32_t>(i);
      is_found[i] = true;
    }
    if (is_string) ++value;
    if (!add_segment(literal, value, first_end, place, is_string)) return false;
    literal = is_string ? std::find(value, line.end, '"') : scalar_end(value, line.end);
    first_end = nullptr;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (is_found[i]) continue;
    if (!fields[i].is_missing() || fields[i].at != 0) return false;
    absent_.push_back(static_cast<std::uint32_t>(i));
  }
  return add_segment(literal, line.end, first_end, kNone, false);
}

/// Of the literal from `begin` to `end`, whose ends are the last ones that were counted, from
/// `first_end` on.
bool JsonShape::add_segment(const char* begin, const char* end, const char* first_end,
                            std::uint32_t field, bool is_string) {
  const auto bytes = static_cast<std::size_t>(end - begin);
  if (bytes > kMaxLiteralBytes || segments_.size() == kMaxSegments ||
      (first_end == nullptr && !segments_.empty()))
    return false;
  Segment& segment = segments_.emplace_back();
  segment.front = part_of({begin, std::min(bytes, kPartBytes)});
  for (std::size_t at = kPartBytes; at < bytes; at += kPartBytes) {
    more_parts_.push_back(part_of({begin + at, std::min(bytes - at, kPartBytes)}));
    ++segment.more_parts;
  }
  segment.bytes = static_cast<std::uint32_t>(bytes);
  segment.end = next_end_;
  segment.back_bytes = first_end == nullptr ? 0 : static_cast<std::uint32_t>(first_end - begin);
  segment.field = field;
  segment.is_string = is_string;
  quotes_ += static_cast<std::uint32_t>(std::count(begin, end, '"'));
  next_end_ = end_count_;
  return true;
}

}  // namespace billing
