#pragma once

// A line of a wrapped log: what the wrapper says of it, and the program's own text.

#include <string_view>

#include "billing/record_format.h"
#include "formats/json_tokens.h"
#include "mapping/batch_text.h"

namespace billing {

struct WrappedLine {
  std::string_view text;   ///< without a line end; a log of Docker may have some within
  bool is_error = false;   ///< of stderr
  bool is_whole = true;    ///< else the next line of the same stream goes on with it
  bool is_typical = true;  ///< has all that the wrapper writes, and nothing else
};

/// For one thread.
class WrapperReader {
 public:
  explicit WrapperReader(Wrapper wrapper) : wrapper_(wrapper) {}

  /// False where the line, which is without its end, has not the wrapper's form. The text is valid
  /// until the next call, and as long as the line.
  bool read(std::string_view line, WrappedLine& wrapped);

 private:
  bool read_docker(std::string_view line, WrappedLine& wrapped);
  bool read_docker_json(std::string_view line, WrappedLine& wrapped);

  Wrapper wrapper_;
  BatchText texts_;  // of unescaped logs
  TokenIndex tokens_;
};

}  // namespace billing
