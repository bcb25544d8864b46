#include "io/fd_stream.h"

#include <string_view>

#include "io/read_input.h"

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
  const std::size_t size =
      read_input(input_, buffer_, read_bytes_ == 0, [this] { checkpoint_(read_bytes_); });
  read_bytes_ += size;
  const std::size_t line_end = std::string_view(buffer_.data(), size).rfind('\n');
  const bool ends_line = line_end != std::string_view::npos;
  open_record_bytes_ = ends_line ? size - line_end - 1 : open_record_bytes_ + size;
  if (!input_.size_bytes()) check_record_length(input_, open_record_bytes_);
  if (size == 0) return std::streambuf::traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
  return std::streambuf::traits_type::to_int_type(buffer_[0]);
}

}  // namespace billing
