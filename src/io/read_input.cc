#include "io/read_input.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "io/await_ready.h"
#include "io/compressed.h"

namespace billing {
std::size_t read_input(const Input& input, std::span<char> room, bool at_start,
                       const std::function<void()>& checkpoint) {
  ssize_t size = 0;
  do {
    await_ready(input.fd(), POLLIN, checkpoint);
    size = ::read(input.fd(), room.data(), room.size());
  } while (size < 0 && (errno == EINTR || errno == EAGAIN));
  if (size < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
  const auto bytes = static_cast<std::size_t>(size);
  if (at_start) {
    const std::string compressed =
        describe_compressed(input.name(), {room.data(), std::min(bytes, kMagicBytes)});
    if (!compressed.empty()) input.fail(compressed);
  }
  return bytes;
}

void check_record_length(const Input& input, std::uint64_t bytes_without_end) {
  if (bytes_without_end > kMaxStreamRecordBytes) {
    input.fail("a line is longer than 1 GiB; is this a text log?");
  }
}

}  // namespace billing
