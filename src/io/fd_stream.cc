#include "io/fd_stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/compressed.h"

namespace billing {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

}  // namespace

FdStream::FdStream(const Input& input, std::function<void(std::uint64_t)> checkpoint)
    : std::istream(static_cast<std::streambuf*>(this)),
      input_(input),
      checkpoint_(std::move(checkpoint)),
      buffer_(kBufferBytes) {
  exceptions(std::ios::badbit);  // rethrows what underflow() throws
}

std::streambuf::int_type FdStream::underflow() {
  ssize_t size = 0;
  do {
    checkpoint_(read_bytes_);
    size = ::read(input_.fd(), buffer_.data(), buffer_.size());
  } while (size < 0 && errno == EINTR);
  std::string complaint;
  if (size < 0) complaint = std::string("cannot be read: ") + std::strerror(errno);
  if (size > 0 && read_bytes_ == 0) {
    complaint = describe_compressed(
        input_.name(), {buffer_.data(), std::min(static_cast<std::size_t>(size), kMagicBytes)});
  }
  if (!complaint.empty()) {
    std::string name;
    append_escaped(name, input_.name());
    throw Error(ErrorKind::run, name + ": " + complaint);
  }
  read_bytes_ += static_cast<std::uint64_t>(size);
  if (size == 0) return std::streambuf::traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
  return std::streambuf::traits_type::to_int_type(buffer_[0]);
}

}  // namespace billing
