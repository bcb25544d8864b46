#pragma once

// A std::istream over an open input, for the sequential baseline.

#include <cstdint>
#include <functional>
#include <istream>
#include <streambuf>
#include <vector>

#include "io/input.h"
#include "io/text_reader.h"

namespace billing {

/// Reads in large blocks, decompressed where the input is compressed. A read that fails throws
/// Error(run) out of the stream's operations.
class FdStream : private std::streambuf, public std::istream {
 public:
  /// `input` must outlive the stream, and not be closed before its end was read. `checkpoint` is
  /// called before each read, with the bytes of text read so far; what it throws passes through.
  FdStream(const Input& input, std::function<void(std::uint64_t read_bytes)> checkpoint);

  /// What was read so far, counted apart from whoever reads the stream's lines.
  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t compressed_bytes() const { return reader_.compressed_bytes(); }
  std::uint64_t lines() const { return lines_ended_ + (is_line_open_ ? 1 : 0); }

 private:
  std::streambuf::int_type underflow() override;

  std::uint64_t read_bytes_ = 0;
  std::uint64_t lines_ended_ = 0;
  bool is_line_open_ = false;  ///< bytes came behind the last line end
  std::vector<char> buffer_;
  TextReader reader_;
};

}  // namespace billing
