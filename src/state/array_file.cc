#include "state/array_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/utf8.h"
#include "formats/json_documents.h"
#include "partials/partial_input.h"

namespace billing {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 10;

/// Where the first byte of a file stands that is no blank; a byte order mark is none either.
std::uint64_t first_beyond_blanks(const Input& file, std::uint64_t bytes) {
  for (std::uint64_t at = 0; at < bytes;) {
    const std::string some = file_bytes(file, at, std::min(kBlockBytes, bytes - at));
    std::size_t from = at == 0 && some.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    from = some.find_first_not_of(kBlanks, from);
    if (from != std::string::npos) return at + from;
    if (some.empty()) break;
    at += some.size();
  }
  return bytes;
}

/// Behind the last byte before a place that is no blank; 0 where there is none.
std::uint64_t end_before_blanks(const Input& file, std::uint64_t end) {
  while (end > 0) {
    const std::uint64_t begin = end - std::min(end, kBlockBytes);
    const std::size_t last = file_bytes(file, begin, end - begin).find_last_not_of(kBlanks);
    if (last != std::string::npos) return begin + last + 1;
    end = begin;
  }
  return 0;
}

}  // namespace

std::string file_bytes(const Input& file, std::uint64_t begin, std::uint64_t bytes) {
  std::string room(bytes, '\0');
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t got = ::pread(file.fd(), room.data() + size, room.size() - size,
                                static_cast<off_t>(begin + size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) file.fail(std::system_category().message(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  room.resize(size);
  return room;
}

bool begins_array(const Input& file, std::uint64_t bytes) {
  const std::uint64_t first = first_beyond_blanks(file, bytes);
  return growing_layout_of(file_bytes(file, first, std::min(bytes - first, kHeadBytes))) ==
         JsonLayout::array;
}

bool may_begin_array(std::string_view first_bytes) {
  const bool begins_later = first_bytes.size() == kHeadBytes &&
                            first_bytes.find_first_not_of(kBlanks) == std::string_view::npos;
  return begins_later || growing_layout_of(first_bytes) == JsonLayout::array;
}

std::uint64_t array_end_begin(const Input& file, std::uint64_t bytes) {
  std::uint64_t end = end_before_blanks(file, bytes);
  if (end > 0 && file_bytes(file, end - 1, 1) == "]") end = end_before_blanks(file, end - 1);
  return end > 0 ? end : bytes;
}

}  // namespace billing
