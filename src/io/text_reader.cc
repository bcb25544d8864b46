#include "io/text_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stop_token>
#include <string_view>
#include <utility>

#include "io/first_bytes.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

/// Read at once while it is not known what the input is.
constexpr std::size_t kFirstReadBytes = 64 * 1024;

/// Ends the thread that decompresses; nobody hears of it.
struct Stopped {};

std::size_t read_once(const Input& input, int fd, std::span<char> room,
                      const std::function<void()>& checkpoint) {
  if (std::string& ahead = input.ahead(); !ahead.empty()) {
    const std::size_t bytes = ahead.copy(room.data(), room.size());
    ahead.erase(0, bytes);
    return bytes;
  }
  ssize_t size = 0;
  do {
    await_ready(fd, POLLIN, checkpoint);
    size = ::read(fd, room.data(), room.size());
  } while (size < 0 && (errno == EINTR || errno == EAGAIN));
  if (size < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
  return static_cast<std::size_t>(size);
}

}  // namespace

TextReader::TextReader(const Input& input, std::function<void()> checkpoint)
    : input_(input), checkpoint_(std::move(checkpoint)) {}

TextReader::~TextReader() = default;

std::size_t TextReader::read(std::span<char> room) {
  // The end is asked for once: a terminal would begin anew. Nor does anything follow an error.
  if (std::exchange(at_end_, true)) return 0;
  const std::size_t bytes = std::exchange(at_start_, false) ? read_first(room)
                            : text_                         ? text_->read(room)
                                    : read_once(input_, input_.fd(), room, checkpoint_);
  at_end_ = bytes == 0;
  text_bytes_ += bytes;
  if (input_.max_text_bytes() && text_bytes_ > *input_.max_text_bytes()) input_.fail_as_too_large();
  if (at_end_ && decompressor_) compressed_bytes_ = decompressor_->compressed_bytes();
  return bytes;
}

std::size_t TextReader::read_first(std::span<char> room) {
  const auto first_room = room.first(std::min(room.size(), kFirstReadBytes));
  const auto read_more = [&](std::size_t from) {
    return read_once(input_, input_.fd(), first_room.subspan(from), checkpoint_);
  };
  std::size_t bytes = read_more(0);
  const auto look = [&] { return std::string_view(room.data(), bytes).substr(0, kFirstBytes); };
  // A pipe may bring the first bytes one by one. Whoever types a line waits for nothing more.
  const auto has_line = [&] { return look().find('\n') != std::string_view::npos; };
  std::size_t more = bytes;
  while (more > 0 && bytes < std::min(kFirstBytes, first_room.size()) && !has_line()) {
    more = read_more(bytes);
    bytes += more;
  }
  const Compression compression = compression_of(look());
  if (compression != Compression::none) {
    first_.assign(room.data(), bytes);
    unwrap(compression);
    bytes = text_->read(room);
  }
  const std::string other =
      describe_first_bytes(input_.name(), look(), InputNeed::stream, compression);
  if (!other.empty()) input_.fail(other);
  return bytes;
}

void TextReader::unwrap(Compression compression) {
  fd_ = input_.fd();
  decompressor_ = make_decompressor(
      compression, [this](std::span<char> room) { return pull(room, stop_); },
      input_.max_window_bytes());
  text_ = std::make_unique<ReadAhead>(
      [this](std::span<char> room, const std::stop_token& stop) {
        stop_ = stop;
        try {
          return decompressor_->read(room);
        } catch (const DecompressionError& error) {
          input_.fail(error.message());
        }
      },
      checkpoint_);
}

/// Compressed bytes, for the thread.
std::size_t TextReader::pull(std::span<char> room, const std::stop_token& stop) {
  if (!first_.empty()) {
    const std::size_t bytes = first_.copy(room.data(), room.size());
    first_.erase(0, bytes);
    return bytes;
  }
  return read_once(input_, fd_, room, [&stop] {
    if (stop.stop_requested()) throw Stopped();
  });
}

}  // namespace billing
