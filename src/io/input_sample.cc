#include "io/input_sample.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "decompress/compression.h"
#include "decompress/decompressor.h"
#include "io/first_bytes.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

/// The bytes of a file from where it stands; false where it is a stream.
bool peek_at_file(const Input& input, std::size_t max_bytes, std::string& bytes) {
  const int fd = input.fd();
  const off_t at = lseek(fd, 0, SEEK_CUR);
  if (at < 0) return false;
  bytes.resize(max_bytes);
  std::size_t size = 0;
  while (size < max_bytes) {
    const ssize_t read =
        pread(fd, bytes.data() + size, max_bytes - size, at + static_cast<off_t>(size));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0 && errno == ESPIPE) return false;
    if (read < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
    if (read == 0) break;
    size += static_cast<std::size_t>(read);
  }
  bytes.resize(size);
  input.close();
  return true;
}

void read_ahead_of_stream(const Input& input, std::size_t max_bytes,
                          const std::function<void()>& checkpoint) {
  std::string& ahead = input.ahead();
  std::size_t size = ahead.size();
  ahead.resize(std::max(max_bytes, size));
  while (size < max_bytes) {
    await_ready(input.fd(), POLLIN, checkpoint);
    const ssize_t read = ::read(input.fd(), ahead.data() + size, max_bytes - size);
    if (read < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (read < 0) input.fail(std::string("cannot be read: ") + std::strerror(errno));
    if (read == 0) break;
    size += static_cast<std::size_t>(read);
  }
  ahead.resize(size);
}

/// What the first bytes of something compressed hold. Where it is damaged, whoever reads it says
/// so.
SampleText decompressed(const Input& input, std::string_view bytes, Compression compression,
                        std::size_t max_bytes) {
  SampleText sample;
  const auto decompressor = make_decompressor(
      compression,
      [&bytes](std::span<char> room) {
        const std::size_t size = bytes.copy(room.data(), room.size());
        bytes.remove_prefix(size);
        return size;
      },
      input.max_window_bytes());
  sample.bytes.resize(max_bytes);
  std::size_t size = 0;
  try {
    while (size < max_bytes) {
      const std::size_t read =
          decompressor->read(std::span(sample.bytes).subspan(size, max_bytes - size));
      if (read == 0) break;
      size += read;
    }
    sample.is_whole = size < max_bytes;
  } catch (const DecompressionError&) {
    sample.is_whole = false;
  }
  sample.bytes.resize(size);
  return sample;
}

}  // namespace

SampleText sample_of(const Input& input, std::size_t max_bytes,
                     const std::function<void()>& checkpoint) {
  SampleText sample;
  if (!peek_at_file(input, max_bytes, sample.bytes)) {
    read_ahead_of_stream(input, max_bytes, checkpoint);
    sample.bytes = input.ahead();
  }
  sample.is_whole = sample.bytes.size() < max_bytes;
  const Compression compression = compression_of(sample.bytes);
  if (compression != Compression::none)
    sample = decompressed(input, sample.bytes, compression, max_bytes);
  const std::string other =
      describe_first_bytes(input.name(), std::string_view(sample.bytes).substr(0, kFirstBytes),
                           InputNeed::stream, compression);
  if (!other.empty()) input.fail(other);
  return sample;
}

}  // namespace billing
