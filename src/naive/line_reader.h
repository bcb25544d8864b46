#pragma once

// Lines of a stream, one at a time, of which the too long ones are not kept whole.

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace billing::naive {

struct Line {
  std::string_view text;     ///< without its LF and one CR before it; cut where it is too long
  std::uint64_t text_bytes;  ///< length of the whole text
  std::uint64_t bytes;       ///< that the line takes in the stream, with its end
};

/// For one thread.
class LineReader {
 public:
  /// Keeps a beginning of lines longer than `max_bytes`, at least kMaxKeptRecordBytes. The
  /// stream must outlive the reader.
  LineReader(std::istream& stream, std::uint64_t max_bytes);

  /// False behind the last line. The text is valid until the next call.
  bool next(Line& line);

 private:
  std::istream& stream_;
  std::uint64_t kept_bytes_;
  std::vector<char> piece_;
  std::string text_;
};

}  // namespace billing::naive
