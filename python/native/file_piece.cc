#include "file_piece.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "billing/error.h"

namespace billing::python {
namespace {

/// Just past the first line end at byte `from` or later; the size of the file where there is none.
std::uint64_t behind_line_end(const Input& input, std::uint64_t from, std::uint64_t size) {
  std::array<char, 64 * 1024> bytes;
  while (from < size) {
    const ssize_t read = pread(input.fd(), bytes.data(), bytes.size(), static_cast<off_t>(from));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
    if (read == 0) input.fail("changed while it was read; run again when the file is complete");
    const auto* const end = bytes.data() + read;
    const auto* const newline = std::find<const char*>(bytes.data(), end, '\n');
    if (newline != end) return from + static_cast<std::uint64_t>(newline - bytes.data()) + 1;
    from += static_cast<std::uint64_t>(read);
  }
  return size;
}

}  // namespace

LineRange lines_of(const Input& input, std::uint64_t begin, std::optional<std::uint64_t> end) {
  if (begin == 0 && !end) return {0, 0, true, true};
  if (!input.counted_bytes()) {
    throw Error(ErrorKind::configuration,
                input.name() +
                    ": only files that are not compressed have pieces; leave out begin "
                    "and end");
  }
  const std::uint64_t size = *input.counted_bytes();
  LineRange lines;
  lines.begin_bytes = begin == 0 ? 0 : behind_line_end(input, std::min(begin, size + 1) - 1, size);
  const std::uint64_t last = std::min(end.value_or(size), size);
  lines.end_bytes =
      last <= lines.begin_bytes ? lines.begin_bytes : behind_line_end(input, last - 1, size);
  lines.is_whole = lines.begin_bytes == 0 && lines.end_bytes == size;
  lines.is_last = lines.end_bytes == size;
  return lines;
}

}  // namespace billing::python
