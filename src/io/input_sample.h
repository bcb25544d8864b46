#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "io/input.h"

namespace billing {

/// How an input's text begins, decompressed.
struct SampleText {
  std::string bytes;
  bool is_whole = false;  ///< nothing follows them
};

/// At most about `max_bytes` of the beginning, which stay to be read: a file is looked at where it
/// stands, and of a stream they are kept in the input. Waits for so many, or the end of the stream;
/// `checkpoint` as in TextReader. Throws Error(run) where the input cannot be
/// read, or is no text.
SampleText sample_of(const Input& input, std::size_t max_bytes,
                     const std::function<void()>& checkpoint);

}  // namespace billing
