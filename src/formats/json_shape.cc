#include "formats/json_shape.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/ascii_digit.h"
#include "formats/json_text.h"

namespace billing {
namespace {

/// Records of more are seldom alike.
constexpr std::size_t kMaxSegments = 256;
constexpr std::size_t kMaxWords = 2048;

bool ends_scalar(char c) { return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t'; }

/// Where a number, `true`, `false` or `null` ends that begins at `begin`; null where there is none.
const char* scalar_end(const char* begin, const char* end) {
  const char* at = begin;
  while (at < end && is_digit(*at)) ++at;
  const bool is_plain_number = at != begin && (*begin != '0' || at == begin + 1);
  if (is_plain_number && at < end && ends_scalar(*at)) return at;
  at = std::find_if(at, end, ends_scalar);
  const std::string_view token(begin, static_cast<std::size_t>(at - begin));
  return is_json_scalar(token) ? at : nullptr;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

bool JsonShape::learn(const Line& line, const std::uint32_t* tokens,
                      const std::uint32_t* tokens_end, const std::vector<Field>& fields) {
  words_.clear();
  segments_.clear();
  absent_.clear();
  std::vector<bool> is_found(fields.size());
  const char* literal = line.begin;
  for (const std::uint32_t* token = tokens; token != tokens_end; ++token) {
    const char* value = line.begin + *token;
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
    if (!add_segment(between(literal, value), place, is_string)) return false;
    literal = is_string ? std::find(value, line.end, '"') : scalar_end(value, line.end);
    if (literal == nullptr) return false;
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (is_found[i]) continue;
    if (!fields[i].is_missing() || fields[i].at != 0) return false;
    absent_.push_back(static_cast<std::uint32_t>(i));
  }
  return add_segment(between(literal, line.end), kNone, false);
}

bool JsonShape::add_segment(std::string_view literal, std::uint32_t field, bool is_string) {
  const std::size_t words = (literal.size() + kWordBytes - 1) / kWordBytes;
  if (words == 0 || segments_.size() == kMaxSegments || words_.size() + words > kMaxWords)
    return false;
  const std::size_t bytes_in_last = literal.size() - (words - 1) * kWordBytes;
  std::uint64_t last_mask = 0;
  std::memset(&last_mask, 0xFF, bytes_in_last);
  const auto first_word = words_.size();
  words_.resize(first_word + words);
  std::memcpy(words_.data() + first_word, literal.data(), literal.size());
  segments_.push_back({static_cast<std::uint32_t>(first_word), static_cast<std::uint32_t>(words),
                       static_cast<std::uint32_t>(literal.size()), field, last_mask, is_string});
  return true;
}

inline bool JsonShape::stands(const Segment& segment, const char* at) const {
  const std::uint64_t* const words = words_.data() + segment.first_word;
  std::uint64_t differs = 0;
  std::uint64_t there = 0;
  const std::size_t last = segment.words - 1;
  for (std::size_t i = 0; i < last; ++i) {
    std::memcpy(&there, at + i * kWordBytes, kWordBytes);
    differs |= there ^ words[i];
  }
  std::memcpy(&there, at + last * kWordBytes, kWordBytes);
  differs |= (there ^ words[last]) & segment.last_mask;
  return differs == 0;
}

bool JsonShape::match(const Line& line, const StringIndex& strings, Field* fields) const {
  // A literal that ends with the line is compared in whole words.
  if (line.readable_end - line.end < std::ptrdiff_t{kWordBytes}) return false;
  const char* at = line.begin;
  for (const Segment* segment = segments_.data();; ++segment) {
    if (line.end - at < std::ptrdiff_t{segment->bytes} || !stands(*segment, at)) return false;
    at += segment->bytes;
    if (segment == &segments_.back()) break;
    const char* const end = segment->is_string ? strings.quote(at) : scalar_end(at, line.end);
    if (end == nullptr || end >= line.end) return false;
    if (segment->field != kNone) {
      const char* const token = segment->is_string ? at - 1 : at;
      const bool is_null = !segment->is_string && *at == 'n';
      fields[segment->field].set(is_null ? std::string_view() : between(at, end),
                                 static_cast<std::uint32_t>(token - line.record));
    }
    at = end;
  }
  for (const std::uint32_t field : absent_) fields[field].set({}, 0);
  return at == line.end;
}

}  // namespace billing
