#include "io/read_input.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "io/first_bytes.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

std::size_t read_once(const Input& input, std::span<char> room,
                      const std::function<void()>& checkpoint) {
  ssize_t size = 0;
  do {
    await_ready(input.fd(), POLLIN, checkpoint);
    size = ::read(input.fd(), room.data(), room.size());
  } while (size < 0 && (errno == EINTR || errno == EAGAIN));
  if (size < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
  return static_cast<std::size_t>(size);
}

}  // namespace

std::size_t read_input(const Input& input, std::span<char> room, bool at_start,
                       const std::function<void()>& checkpoint) {
  std::size_t bytes = read_once(input, room, checkpoint);
  if (!at_start) return bytes;

  // A pipe may bring the first bytes one by one. Whoever types a line waits for nothing more.
  const std::size_t wanted = std::min(kFirstBytes, room.size());
  const auto has_line = [&] {
    return std::string_view(room.data(), bytes).find('\n') != std::string_view::npos;
  };
  std::size_t more = bytes;
  while (more > 0 && bytes < wanted && !has_line()) {
    more = read_once(input, room.subspan(bytes), checkpoint);
    bytes += more;
  }
  const std::string other = describe_first_bytes(
      input.name(), {room.data(), std::min(bytes, kFirstBytes)}, InputNeed::stream);
  if (!other.empty()) input.fail(other);
  return bytes;
}

}  // namespace billing
