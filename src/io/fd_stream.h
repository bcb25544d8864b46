#pragma once

// A std::istream over an open input, for the sequential baseline.

#include <functional>
#include <istream>
#include <streambuf>
#include <vector>

#include "io/input.h"

namespace billing {

/// Reads in large blocks. A read that fails throws Error(run) out of the stream's operations.
class FdStream : private std::streambuf, public std::istream {
 public:
  /// `input` must outlive the stream. `checkpoint` is called before each read; what it throws
  /// passes through.
  FdStream(const Input& input, std::function<void()> checkpoint);

 private:
  std::streambuf::int_type underflow() override;

  const Input& input_;
  std::function<void()> checkpoint_;
  bool at_start_ = true;
  std::vector<char> buffer_;
};

}  // namespace billing
