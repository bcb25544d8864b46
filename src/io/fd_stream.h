#pragma once

// A std::istream over an open input, for the sequential baseline.

#include <cstdint>
#include <functional>
#include <istream>
#include <streambuf>
#include <vector>

#include "io/input.h"

namespace billing {

/// Reads in large blocks. A read that fails throws Error(run) out of the stream's operations.
class FdStream : private std::streambuf, public std::istream {
 public:
  /// `input` must outlive the stream. `checkpoint` is called before each read, with the bytes
  /// read so far; what it throws passes through.
  FdStream(const Input& input, std::function<void(std::uint64_t read_bytes)> checkpoint);

  /// What was read so far, counted apart from whoever reads the stream's lines.
  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t lines() const { return lines_ended_ + (is_line_open_ ? 1 : 0); }

 private:
  std::streambuf::int_type underflow() override;

  const Input& input_;
  std::function<void(std::uint64_t)> checkpoint_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t lines_ended_ = 0;
  bool is_line_open_ = false;  ///< bytes came behind the last line end
  std::vector<char> buffer_;
};

}  // namespace billing
