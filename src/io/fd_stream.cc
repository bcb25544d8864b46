#include "io/fd_stream.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace billing {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

}  // namespace

FdStream::FdStream(const Input& input, std::function<void(std::uint64_t)> checkpoint)
    : std::istream(static_cast<std::streambuf*>(this)),
      buffer_(kBufferBytes),
      reader_(input, [this, checkpoint = std::move(checkpoint)] { checkpoint(read_bytes_); }) {
  exceptions(std::ios::badbit);  // rethrows what underflow() throws
}

std::streambuf::int_type FdStream::underflow() {
  const std::size_t size = reader_.read(buffer_);
  read_bytes_ += size;
  const std::string_view bytes(buffer_.data(), size);
  lines_ended_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  if (size > 0) is_line_open_ = !bytes.ends_with('\n');
  if (size == 0) return std::streambuf::traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
  return std::streambuf::traits_type::to_int_type(buffer_[0]);
}

}  // namespace billing
