#include "naive/line_reader.h"

#include <algorithm>

#include "billing/rejected_record.h"

namespace billing::naive {

LineReader::LineReader(std::istream& stream, std::uint64_t max_bytes)
    : stream_(stream),
      kept_bytes_(std::max<std::uint64_t>(max_bytes + 1, kMaxKeptRecordBytes)),
      piece_(std::size_t{64} << 10) {}

bool LineReader::next(Line& line) {
  text_.clear();
  line = {};
  bool has_end = false;
  char last = 0;
  while (!has_end && !stream_.eof()) {
    // Fails where the piece is full before the line's end, and where nothing is left.
    stream_.getline(piece_.data(), static_cast<std::streamsize>(piece_.size()));
    const auto taken = static_cast<std::size_t>(stream_.gcount());
    has_end = stream_.good();
    if (!stream_.bad() && !stream_.eof()) stream_.clear();
    if (taken == 0) break;
    line.bytes += taken;
    const std::string_view piece(piece_.data(), taken - (has_end ? 1 : 0));
    if (!piece.empty()) last = piece.back();
    const std::size_t room = kept_bytes_ - std::min<std::uint64_t>(kept_bytes_, text_.size());
    text_.append(piece.substr(0, room));
  }
  if (line.bytes == 0) return false;
  const std::uint64_t end_bytes = has_end ? 1 : 0;
  const std::uint64_t cr_bytes = last == '\r' ? 1 : 0;
  line.text_bytes = line.bytes - end_bytes - cr_bytes;
  line.text = std::string_view(text_).substr(0, line.text_bytes);
  return true;
}

}  // namespace billing::naive
