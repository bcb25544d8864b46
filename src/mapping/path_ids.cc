#include "mapping/path_ids.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/ascii_digit.h"
#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::string_view kFolded = "{id}";

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_uuid(std::string_view segment) {
  if (segment.size() != 36) return false;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? segment[i] != '-' : !is_hex(segment[i])) return false;
  }
  return true;
}

#ifdef __SSE2__

/// Which bytes of a path are slashes, and which may stand in an id: hex digits and dashes.
struct PathMasks {
  std::uint64_t slashes = 0;
  std::uint64_t ids = 0;
};

void add_masks(__m128i bytes, unsigned at, PathMasks& masks) {
  const auto in_range = [](__m128i values, char first, char last) {
    const __m128i offset = _mm_sub_epi8(values, _mm_set1_epi8(first));
    const __m128i limit = _mm_set1_epi8(static_cast<char>(last - first));
    return _mm_cmpeq_epi8(_mm_min_epu8(offset, limit), offset);
  };
  const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
  // '-' keeps its place when the bit is set; so do digits.
  const __m128i ids =
      _mm_or_si128(_mm_or_si128(in_range(bytes, '0', '9'), in_range(lower, 'a', 'f')),
                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
  const auto mask = [](__m128i matches) {
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(matches)));
  };
  masks.slashes |= mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('/'))) << at;
  masks.ids |= mask(ids) << at;
}

/// Whether a segment of a path of at most 64 bytes consists of hex digits and dashes: only such a
/// one can be an id. Adding 1 where a segment begins runs through all bytes that may stand in ids:
///
///     path      / v 1 / 0 4 2 / x
///     ids       . . 1 . 1 1 1 . .        lowest bit first
///     begins    . 1 . . 1 . . . 1        behind slashes
///     sum       . . 1 . . . . 1 .        of ids and begins & ids: at a slash, so `042` may be one
bool may_hold_id(std::string_view path) {
  PathMasks masks;
  for (unsigned at = 0; at < path.size(); at += 16) {
    alignas(16) char block[16] = {};
    const std::size_t size = std::min<std::size_t>(16, path.size() - at);
    if (size == 16) {
      std::memcpy(block, path.data() + at, 16);
    } else {
      std::memcpy(block, path.data() + at, size);
    }
    add_masks(_mm_load_si128(reinterpret_cast<const __m128i*>(block)), at, masks);
  }
  const std::uint64_t begins = (masks.slashes << 1 | 1) & masks.ids;
  const std::uint64_t ends = (masks.ids + begins) & ~masks.ids;
  const std::uint64_t behind = path.size() == 64 ? 0 : std::uint64_t{1} << path.size();
  // With 64 bytes the sum of a last segment runs out of the word.
  const bool runs_out = path.size() == 64 && (masks.ids >> 63 & 1) != 0;
  return (ends & (masks.slashes | behind)) != 0 || runs_out;
}

#endif

}  // namespace

bool is_id_segment(std::string_view segment) {
  if (segment.empty()) return false;
  if (std::all_of(segment.begin(), segment.end(), is_digit)) return true;
  if (segment.size() >= 16 && std::all_of(segment.begin(), segment.end(), is_hex)) return true;
  return is_uuid(segment);
}

std::string_view fold_ids(std::string_view path, BatchText& texts) {
#ifdef __SSE2__
  if (path.size() <= 64 && !may_hold_id(path)) return path;
#endif
  // A segment of one digit becomes four bytes.
  char* to = nullptr;
  std::size_t size = 0;
  std::size_t copied = 0;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (is_id_segment(path.substr(at, end - at))) {
      if (to == nullptr) to = texts.reserve(4 * path.size());
      std::memcpy(to + size, path.data() + copied, at - copied);
      size += at - copied;
      std::memcpy(to + size, kFolded.data(), kFolded.size());
      size += kFolded.size();
      copied = end;
    }
    at = end + 1;
  }
  if (to == nullptr) return path;
  std::memcpy(to + size, path.data() + copied, path.size() - copied);
  return texts.keep(size + path.size() - copied);
}

PathPattern::PathPattern(const std::string& text) : text_(text) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::configuration, "\1task-pattern: " + quoted_text(text) + ": " + what);
  };
  if (!text.starts_with('/')) fail("a pattern begins with /, as paths do");
  for (std::size_t at = 1; at <= text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    const std::string segment = text.substr(at, end - at);
    if (segment == "**") {
      if (end != text.size()) fail("** stands only at the end");
      has_rest_ = true;
    } else if (segment.starts_with('{') && segment.ends_with('}')) {
      if (segment.size() == 2) fail("{} lacks a name");
      segments_.emplace_back();
    } else if (segment.find_first_of("{}") != std::string::npos) {
      fail(quoted_text(segment) + ": a {name} is a whole segment, between slashes");
    } else {
      // No segment that a path has is empty here but behind its last slash.
      segments_.push_back("/" + segment);
    }
    at = end + 1;
  }
}

bool PathPattern::matches(std::string_view path) const {
  if (!path.starts_with('/')) return false;
  std::size_t at = 1;
  bool at_end = false;  // behind the last segment
  for (const std::string& wanted : segments_) {
    if (at_end) return false;
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (wanted.empty() ? segment.empty() : segment != std::string_view(wanted).substr(1))
      return false;
    at_end = end == path.size();
    at = end + 1;
  }
  return at_end || has_rest_;
}

}  // namespace billing
