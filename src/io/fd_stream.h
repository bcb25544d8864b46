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

 private:
  std::streambuf::int_type underflow() override;

  const Input& input_;
  std::function<void(std::uint64_t)> checkpoint_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t open_record_bytes_ = 0;  ///< read of a record whose end has not been
  std::vector<char> buffer_;
};

}  // namespace billing
